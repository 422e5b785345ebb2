"""What lets damage be found: digests of files, sums over tables, a look at the store before it is opened."""
