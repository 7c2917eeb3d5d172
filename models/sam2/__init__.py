"""SAM 2.1 (Ravi et al. 2024, arXiv 2408.00714) behind the Segmenter port."""
