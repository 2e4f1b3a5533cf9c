#include "fuzz_process/connection.hpp"

#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>

namespace clued::fuzz {

namespace {

/// A daemon that does not read is none that has to be sent more.
constexpr std::size_t most_unsent = 4 * 1024 * 1024;
constexpr std::size_t most_received = 1024 * 1024;

std::size_t content_length(std::string_view head) {
  std::string lower(head);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const char* name : {"\r\ncontent-length:", "\r\nl:"}) {
    if (const auto at = lower.find(name); at != std::string::npos) {
      return std::strtoul(lower.c_str() + lower.find(':', at) + 1, nullptr, 10);
    }
  }
  return 0;
}

}  // namespace

Connection::Connection(Reactor& reactor, Descriptor descriptor, SSL_CTX* tls, TlsEnd end, Handler handler)
    : reactor_(reactor), descriptor_(std::move(descriptor)), handler_(std::move(handler)) {
  if (!descriptor_) {
    over_ = true;
    return;
  }
  reactor_.watch(descriptor_.get(), EPOLLIN | EPOLLOUT, [this](std::uint32_t events) { ready(events); });
  if (end != TlsEnd::none) {
    tls_.reset(SSL_new(tls));
    SSL_set_bio(tls_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (end == TlsEnd::client) {
      SSL_set_connect_state(tls_.get());
    } else {
      SSL_set_accept_state(tls_.get());
    }
    SSL_do_handshake(tls_.get());
    collect_ciphertext();
  }
}

Connection::~Connection() {
  if (descriptor_) reactor_.forget(descriptor_.get());
}

void Connection::send(std::string_view octets) {
  if (over_ || octets.empty()) return;
  reactor_.trace("sent on connection", 0, octets);
  if (!tls_) return send_raw(octets);
  if (SSL_is_init_finished(tls_.get()) == 0) {
    if (early_.size() < most_unsent) early_ += octets;
    return;
  }
  SSL_write(tls_.get(), octets.data(), static_cast<int>(octets.size()));
  collect_ciphertext();
}

void Connection::send_raw(std::string_view octets) {
  if (over_) return;
  if (unsent_.size() + octets.size() > most_unsent) {
    over_ = true;
    return;
  }
  unsent_ += octets;
  flush();
}

void Connection::half_close() {
  if (tls_ && !over_) {
    SSL_shutdown(tls_.get());
    collect_ciphertext();
  }
  if (!over_) shutdown(descriptor_.get(), SHUT_WR);
}

void Connection::reset_hard() {
  const linger at_once{1, 0};
  if (!over_) setsockopt(descriptor_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  over_ = true;
}

void Connection::ready(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) flush();
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive();
  if (over_) reactor_.forget(descriptor_.get());
}

void Connection::receive() {
  static std::array<char, 65536> buffer;
  const auto count = recv(descriptor_.get(), buffer.data(), buffer.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    over_ = true;
    return;
  }
  const std::string_view octets(buffer.data(), static_cast<std::size_t>(count));
  if (!tls_) {
    received_ += octets;
  } else {
    BIO_write(SSL_get_rbio(tls_.get()), octets.data(), static_cast<int>(octets.size()));
    decrypt();
  }
  take_messages();
}

void Connection::decrypt() {
  static std::array<char, 16384> plain;
  ERR_clear_error();
  int count = 0;
  while ((count = SSL_read(tls_.get(), plain.data(), static_cast<int>(plain.size()))) > 0) {
    received_.append(plain.data(), static_cast<std::size_t>(count));
  }
  const int reason = SSL_get_error(tls_.get(), count);
  if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) over_ = true;
  ERR_clear_error();
  if (!over_ && !early_.empty() && SSL_is_init_finished(tls_.get()) == 1) {
    SSL_write(tls_.get(), early_.data(), static_cast<int>(early_.size()));
    early_.clear();
  }
  collect_ciphertext();
}

void Connection::take_messages() {
  while (true) {
    const auto begin = received_.find_first_not_of("\r\n");
    if (begin == std::string::npos) return received_.clear();
    const auto end = received_.find("\r\n\r\n", begin);
    if (end == std::string::npos) break;
    const std::string_view head(received_.data() + begin, end + 4 - begin);
    const auto body = content_length(head);
    if (received_.size() < end + 4 + body) break;
    const std::string message = received_.substr(begin, end + 4 + body - begin);
    received_.erase(0, end + 4 + body);
    reactor_.trace("received on connection", 0, message);
    handler_(message);
  }
  if (received_.size() > most_received) over_ = true;
}

void Connection::collect_ciphertext() {
  char* data = nullptr;
  BIO* const out = SSL_get_wbio(tls_.get());
  const long size = BIO_get_mem_data(out, &data);
  if (size <= 0) return;
  const std::string ciphertext(data, static_cast<std::size_t>(size));
  static_cast<void>(BIO_reset(out));
  send_raw(ciphertext);
}

void Connection::flush() {
  while (!unsent_.empty()) {
    const auto sent = ::send(descriptor_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN && errno != ENOTCONN && errno != EINTR) over_ = true;
      break;
    }
    unsent_.erase(0, static_cast<std::size_t>(sent));
  }
  reactor_.change(descriptor_.get(), EPOLLIN | (unsent_.empty() ? 0U : EPOLLOUT));
}

}  // namespace clued::fuzz
