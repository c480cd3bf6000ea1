/** What data may be besides a known name, in words: wherever data can be named. */
export const dataKinds = 'a file.npz or file.parquet, or a folder of images or Parquet files';
