"""Writes the CloudFormation of one stage: `python app.py --help`. The CDK CLI runs the same file."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from infra.digest import inputs_digest
from infra.errors import SynthesisError
from infra.node import use_bundled_node
from infra.options import Options, read_options

ROOT = Path(__file__).resolve().parent


def main(arguments: Sequence[str]) -> int:
    """Synthesize, unless told to skip what is up to date; say in one line what came out of it."""
    try:
        options = read_options(arguments, root=ROOT)
        print(_synthesized(options))  # noqa: T201 - a command talks to its terminal
    except SynthesisError as error:
        return _refused(str(error))
    except PermissionError as error:
        return _refused(f"{error.filename} cannot be written: give it to this user, or choose another `--out`.")
    return 0


def _refused(sentence: str) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201 - a command talks to its terminal
    return 1


def _synthesized(options: Options) -> str:
    started, inputs, stamp = time.monotonic(), inputs_digest(ROOT, options), options.out / "inputs.digest"
    if options.if_changed and stamp.is_file() and stamp.read_text() == inputs:
        return f"freehold-{options.stage.name}: unchanged in {options.out}"
    options.out.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    use_bundled_node()
    from infra.synth import synthesize  # noqa: PLC0415 - loading CDK takes seconds and needs Node

    stacks = synthesize(ROOT, options).stacks
    stamp.write_text(inputs)
    sizes = ", ".join(f"{stack.stack_name.split('-')[-1]} {len(stack.template['Resources'])}" for stack in stacks)
    name, seconds = f"freehold-{options.stage.name}", time.monotonic() - started
    return f"{name}: {sizes} resources in {seconds:.1f} s, written to {options.out}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
