#include "channel/dtls_session.hpp"

#include <openssl/err.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

namespace clued::channel {
namespace {

/// The largest record that a peer may send (RFC 5246 section 6.2.1).
constexpr std::size_t kLargestPlaintext = 16384;

constexpr std::size_t kRecordHeaderSize = 13;
constexpr std::size_t kEpochAt = 3;
constexpr std::size_t kLengthAt = 11;
/// What sealing adds to a record: an explicit nonce and a tag (RFC 5288), or a tag alone (RFC 7905).
constexpr std::size_t kGcmOverhead = 24;
constexpr std::size_t kChachaOverhead = 16;

std::size_t overhead_of(const SSL& ssl) {
  const SSL_CIPHER* const cipher = SSL_get_current_cipher(&ssl);
  // Before one is agreed nobody says anything that is shorter.
  if (cipher == nullptr || SSL_CIPHER_get_cipher_nid(cipher) != NID_chacha20_poly1305) return kGcmOverhead;
  return kChachaOverhead;
}

/// The records of a datagram up to the first that claims to be sealed and is too short for it. Invalid records are to
/// be discarded (RFC 6347 section 4.1.2.7), but of these OpenSSL makes an error of its own, which ends the session:
/// one datagram from anybody who can forge an address.
Bytes without_unsealed(Bytes datagram, std::size_t overhead) {
  std::size_t at = 0;
  const auto number_at = [&](std::size_t offset) {
    return static_cast<std::size_t>(datagram[at + offset] << 8U | datagram[at + offset + 1]);
  };
  while (datagram.size() - at >= kRecordHeaderSize) {
    const std::size_t length = number_at(kLengthAt);
    if (number_at(kEpochAt) > 0 && length < overhead) return datagram.first(at);
    if (length > datagram.size() - at - kRecordHeaderSize) break;
    at += kRecordHeaderSize + length;
  }
  return datagram;
}

std::string describe_error(int reason) {
  const unsigned long code = ERR_peek_last_error();
  if (code == 0) return "OpenSSL reports error " + std::to_string(reason);
  const char* const text = ERR_reason_error_string(code);
  return text != nullptr ? text : "OpenSSL error code " + std::to_string(code);
}

}  // namespace

// The record buffers are most of a session's memory (33 KB), and needed only while records are handled. OpenSSL keeps
// them when something is left in them, and gets them by itself for reading, but not for writing.
DtlsSession::Burst::Burst(DtlsSession& session) noexcept
    : session_(session), allocated_(session.bursts_ > 0 || SSL_alloc_buffers(session.ssl_.get()) == 1) {
  ++session_.bursts_;
}

DtlsSession::Burst::~Burst() {
  if (--session_.bursts_ == 0) SSL_free_buffers(session_.ssl_.get());
}

DtlsSession::DtlsSession(const DtlsContext& context, DtlsRole role, std::vector<sdp::Fingerprint> told,
                         DtlsTimers timers, Listener& listener)
    : listener_(listener), told_(std::move(told)), timers_(timers), role_(role), ssl_(SSL_new(context.ssl_context())) {
  if (ssl_ == nullptr) throw std::bad_alloc();
  BIO* const bio = make_datagram_bio(context.bio_method(), *this);
  if (bio == nullptr) throw std::bad_alloc();
  SSL_set_bio(ssl_.get(), bio, bio);  // takes over the one reference for both directions
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_mtu(ssl_.get(), kDatagramSize);
  DTLS_set_timer_cb(ssl_.get(), &DtlsSession::next_interval);
  if (role_ == DtlsRole::client) {
    SSL_set_connect_state(ssl_.get());
  } else {
    SSL_set_accept_state(ssl_.get());
  }
}

DtlsSession::~DtlsSession() = default;

void DtlsSession::start() {
  if (state_ == State::handshaking && role_ == DtlsRole::client) handshake();
}

void DtlsSession::receive(Bytes datagram) {
  if (state_ == State::failed || state_ == State::closed) return;
  datagram = without_unsealed(datagram, overhead_of(*ssl_));
  if (datagram.empty()) return;
  inbound = datagram;
  if (state_ == State::handshaking) handshake();
  if (state_ == State::connected) read_records();
  inbound = {};
}

bool DtlsSession::send(Bytes record) {
  if (state_ != State::connected || record.empty()) return false;
  ERR_clear_error();
  const Burst buffers(*this);
  if (!buffers) return false;
  const int written = SSL_write(ssl_.get(), record.data(), static_cast<int>(record.size()));
  if (written <= 0) {
    fail(written);
    return false;
  }
  return true;
}

void DtlsSession::close() {
  if (state_ == State::connected) {
    ERR_clear_error();
    if (const Burst buffers(*this); buffers) SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  state_ = State::closed;
}

base::Deadline DtlsSession::next_deadline(base::TimePoint now) const {
  if (state_ != State::handshaking) return std::nullopt;
  timeval left{};
  if (DTLSv1_get_timeout(ssl_.get(), &left) != 1) return std::nullopt;
  return now + std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec);
}

void DtlsSession::handle_timeout() {
  if (state_ != State::handshaking) return;
  ERR_clear_error();
  const long result = DTLSv1_handle_timeout(ssl_.get());
  if (result < 0) fail(-1);
}

int DtlsSession::verify(X509_STORE_CTX* chain, void* /*unused*/) noexcept {
  auto* const ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* const session = ssl != nullptr ? static_cast<DtlsSession*>(SSL_get_app_data(ssl)) : nullptr;
  const X509* const certificate = X509_STORE_CTX_get0_cert(chain);
  if (session != nullptr && certificate != nullptr && matches_fingerprint(*certificate, session->told_)) return 1;
  if (session != nullptr) session->mismatch_ = true;
  X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_REJECTED);
  return 0;
}

unsigned int DtlsSession::next_interval(SSL* ssl, unsigned int previous) noexcept {
  const auto* const session = static_cast<const DtlsSession*>(SSL_get_app_data(ssl));
  const auto in_microseconds = [](std::chrono::milliseconds interval) {
    return static_cast<unsigned int>(std::chrono::microseconds(interval).count());
  };
  if (previous == 0) return in_microseconds(session->timers_.first);
  return std::min(previous * 2, in_microseconds(session->timers_.longest));
}

void DtlsSession::output(Bytes datagram) noexcept { listener_.dtls_output(datagram); }

void DtlsSession::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) {
    fail(result);
    return;
  }
  state_ = State::connected;
  SSL_free_buffers(ssl_.get());
  listener_.dtls_connected();
}

void DtlsSession::read_records() {
  std::array<std::uint8_t, kLargestPlaintext> record;
  const Burst buffers(*this);
  if (!buffers) return;
  while (state_ == State::connected) {
    ERR_clear_error();
    const int length = SSL_read(ssl_.get(), record.data(), static_cast<int>(record.size()));
    if (length <= 0) {
      fail(length);
      break;
    }
    listener_.dtls_received(Bytes(record).first(static_cast<std::size_t>(length)));
  }
}

/// Says why a call brought nothing; waiting for the next datagram is no failure.
void DtlsSession::fail(int result) {
  const int reason = SSL_get_error(ssl_.get(), result);
  if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) return;
  DtlsFailure failure = DtlsFailure::error;
  std::string detail;
  if (mismatch_) {
    failure = DtlsFailure::fingerprint;
    detail = "the peer's certificate does not match its fingerprint";
  } else if (reason == SSL_ERROR_ZERO_RETURN) {
    failure = DtlsFailure::closed;
    detail = "the peer sent close_notify";
  } else {
    const int code = ERR_GET_REASON(ERR_peek_last_error());
    // OpenSSL keeps a received alert as 1000 plus its number.
    if (code > SSL_AD_REASON_OFFSET && code < SSL_AD_REASON_OFFSET + 256) failure = DtlsFailure::alert;
    detail = describe_error(reason);
  }
  ERR_clear_error();
  state_ = State::failed;
  listener_.dtls_failed(failure, detail);
}

}  // namespace clued::channel
