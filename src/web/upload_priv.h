// Inside of room web: bodies that are kept in a file for the time of their request.
#ifndef MOEI_WEB_UPLOAD_PRIV_H
#define MOEI_WEB_UPLOAD_PRIV_H

#include "web/web_priv.h"

// Removes what a server that was killed left behind.
Err web_uploads_open(Ctx *c, WebServer *s, Str node_dir) MUST_USE;
// Makes r->upload, named as its sender calls it. E_BUSY over WEB_UPLOADS_MAX, E_IO, E_NO_SPACE.
Err web_upload_begin(WebRequest *r, Str name) MUST_USE;
// The file at r->upload_path as the answer: it is sent though its name is gone by then. E_IO.
Err web_upload_send(WebRequest *r, WebAnswer *a, const char *type, Str filename) MUST_USE;
void web_upload_end(WebRequest *r); // removes it; may be called again

#endif
