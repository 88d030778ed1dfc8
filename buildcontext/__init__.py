"""What a container build is sent: the files of its context, the Dockerfile, and a digest over both.

The tag of an image (`components`) and the local cloud's builder (`localcloud`) both read a context by this package, so
that what the tag covers and what the image holds cannot differ. It depends on neither, nor on Pulumi.
"""
