"""Takes orders for reports, and says where what was written is fetched."""
