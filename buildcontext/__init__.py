"""The input of a container build: the files of its context, the Dockerfile, and a digest of both.

The tag of an image (`components`) and the local cloud's builder (`localcloud`) both read a context with this package,
so that the tag always covers the content of the image. It depends on neither of them, nor on Pulumi.
"""
