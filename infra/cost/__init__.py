"""What a stage costs a month, by line, from its synthesized template and a file of list prices."""
