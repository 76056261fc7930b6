"""What a pristine Python file is made of, with the byte span of every part."""
