"""GPS points of workers: read from any file, cleaned, kept in columns, and turned into heat on a grid."""
