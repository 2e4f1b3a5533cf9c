#include "channel/datagram_bio.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace clued::channel {
namespace {

/// An IPv6 and a UDP header, which OpenSSL subtracts when it wants to know how much fits into a datagram.
constexpr long kHeadersOfDatagram = 48;

int write_datagram(BIO* bio, const char* data, int length) noexcept {
  BIO_clear_retry_flags(bio);
  auto* const port = static_cast<DatagramPort*>(BIO_get_data(bio));
  if (port == nullptr || length < 0) return -1;
  port->output({reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(length)});
  return length;
}

int read_datagram(BIO* bio, char* buffer, int size) noexcept {
  BIO_clear_retry_flags(bio);
  auto* const port = static_cast<DatagramPort*>(BIO_get_data(bio));
  if (port == nullptr || size < 0 || port->inbound.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const Bytes datagram = std::exchange(port->inbound, Bytes{});
  const std::size_t taken = std::min(datagram.size(), static_cast<std::size_t>(size));
  std::memcpy(buffer, datagram.data(), taken);
  return static_cast<int>(taken);
}

long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) noexcept {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
      return kDatagramSize;
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
      return kHeadersOfDatagram;
    default:
      return 0;
  }
}

int create(BIO* bio) noexcept {
  BIO_set_init(bio, 1);
  return 1;
}

}  // namespace

OpensslHandle<BIO_METHOD> make_datagram_bio_method() {
  const int type = BIO_get_new_index();
  OpensslHandle<BIO_METHOD> method(type == -1 ? nullptr : BIO_meth_new(type | BIO_TYPE_SOURCE_SINK, "datagram"));
  if (method == nullptr || BIO_meth_set_write(method.get(), write_datagram) != 1 ||
      BIO_meth_set_read(method.get(), read_datagram) != 1 || BIO_meth_set_ctrl(method.get(), control) != 1 ||
      BIO_meth_set_create(method.get(), create) != 1) {
    throw std::runtime_error("DTLS: no BIO type for datagrams");
  }
  return method;
}

BIO* make_datagram_bio(const BIO_METHOD* method, DatagramPort& port) noexcept {
  BIO* const bio = BIO_new(method);
  if (bio != nullptr) BIO_set_data(bio, &port);
  return bio;
}

}  // namespace clued::channel
