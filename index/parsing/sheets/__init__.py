"""Tables in files of their own: delimited text and workbooks."""
