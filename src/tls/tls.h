// tls: who is at the other end of a connection between nodes. GnuTLS behind it.
//
// A node's certificate is made from its link key and signs itself; names and dates in it mean
// nothing. A connection belongs to whom its certificate's raw Ed25519 key belongs to: the library
// makes sure that the other side has the key, and this room takes the key out, so that both sides
// compare it by themselves with the one they have confirmed. No authority is asked. Owns nothing
// but what TlsIdentity holds. Threads: all functions are safe on different objects.
#ifndef MOEI_TLS_H
#define MOEI_TLS_H

#include "crypto/crypto.h"

// PEM texts on the heap, the second one secret.
typedef struct TlsIdentity {
    char *certificate, *key;
} TlsIdentity;

// The certificate of a link key. The same key gives the same bytes. E_CRYPTO, E_MEMORY.
Err tls_identity_make(Ctx *c, const CryptoSignKey *link_key, TlsIdentity *ret_identity) MUST_USE;
void tls_identity_done(TlsIdentity *identity); // wipes the key
void TlsIdentity_cleanup(TlsIdentity *identity);

// The key in a certificate (DER). E_DENIED when it is no certificate, or one of another kind of
// key than Ed25519.
Err tls_certificate_key(Ctx *c, Str der, CryptoPublicKey *ret_key) MUST_USE;
// The key that the other side of a session has shown and proven; `session` is a gnutls_session_t
// after its handshake. E_DENIED when it showed none, or the session is not TLS 1.3.
Err tls_peer_key(Ctx *c, void *session, CryptoPublicKey *ret_key) MUST_USE;

// A listener's side of a connection whose callers are known before they are answered. It asks for a
// certificate, so that without one the handshake fails; and once the handshake is over nothing
// leaves before the gate is opened, whatever the library in between would say by itself: then a
// write fails, and the connection ends. `session` is a gnutls_session_t of a server before its
// handshake, `fd` its socket. Both outlive the gate's use. E_MEMORY.
typedef struct TlsGate TlsGate;
Err tls_gate_make(Ctx *c, void *session, int fd, TlsGate **ret_gate) MUST_USE;
void tls_gate_open(TlsGate *gate); // NULL is fine
void tls_gate_free(TlsGate *gate); // after the connection has ended; NULL is fine

// GnuTLS priorities of a connection between nodes: TLS 1.3 and nothing older.
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3"

#endif
