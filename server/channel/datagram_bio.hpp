#pragma once

#include "channel/bytes.hpp"
#include "channel/openssl_handle.hpp"

namespace clued::channel {

/// Largest handshake datagram; fits into every path with IPv6's minimum MTU, tunnels included.
inline constexpr unsigned kDatagramSize = 1200;

/// Both ends of a DatagramBio: what OpenSSL reads is the one datagram of `inbound`, what it writes goes to `output`,
/// each write one datagram. OpenSSL's memory BIO would glue datagrams together.
class DatagramPort {
 public:
  virtual ~DatagramPort() = default;
  /// Called from within OpenSSL: must not use the session.
  virtual void output(Bytes datagram) noexcept = 0;

  Bytes inbound;  ///< taken by the next read
};

/// The BIO type. Throws std::runtime_error when OpenSSL has no room for it.
OpensslHandle<BIO_METHOD> make_datagram_bio_method();

/// A BIO of that type for this port, which must outlive it. nullptr when out of memory.
BIO* make_datagram_bio(const BIO_METHOD* method, DatagramPort& port) noexcept;

}  // namespace clued::channel
