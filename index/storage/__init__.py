"""What an index keeps on the disk, its copies and its checks."""
