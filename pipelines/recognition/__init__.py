"""Whether replies recognise whom they are written to: by name, and by what their bio says.

messages, names (vault), bios ─▶ words ─▶ solved.recognitions ─▶ marts.reply_recognitions
"""
