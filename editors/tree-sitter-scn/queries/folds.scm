[
  (item)
  (entry)
  (arm)
  (declaration)
  (block_value)
] @fold
