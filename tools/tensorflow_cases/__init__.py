"""What is recorded from TensorFlow and Keras, one file a family; see `tools/record_tensorflow.py`."""
