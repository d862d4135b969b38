// Inside of room web: bodies that are kept in a file for the time of their request.
#ifndef MOEI_WEB_UPLOAD_PRIV_H
#define MOEI_WEB_UPLOAD_PRIV_H

#include "web/web_priv.h"

// Removes what a server that was killed left behind.
Err web_uploads_open(Ctx *c, WebServer *s, Str node_dir) MUST_USE;
// Makes r->upload, named as its sender calls it. E_BUSY over WEB_UPLOADS_MAX, E_IO, E_NO_SPACE.
Err web_upload_begin(WebRequest *r, Str name) MUST_USE;
void web_upload_end(WebRequest *r); // removes it; may be called again

#endif
