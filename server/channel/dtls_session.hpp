#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "channel/bytes.hpp"
#include "channel/datagram_bio.hpp"
#include "channel/dtls_context.hpp"
#include "sdp/data_channel.hpp"

namespace clued::channel {

enum class DtlsRole { client, server };

enum class DtlsFailure {
  fingerprint,  ///< the peer's certificate is not the one of its SDP
  alert,        ///< the peer ended the handshake or the session
  closed,       ///< the peer's close_notify
  error,        ///< anything else
};

struct DtlsTimers {
  std::chrono::milliseconds first{100};
  std::chrono::milliseconds longest{3'000};
};

/// One DTLS 1.2 session over datagrams that somebody else carries.
///
///   handshaking --finished, fingerprint matched--> connected --close()--> closed
///        \------------- failed <------ close_notify, alert --/
class DtlsSession final : private DatagramPort {
 public:
  /// Told from within receive(), start(), send() and handle_timeout(); must not destroy the session there.
  class Listener {
   public:
    virtual ~Listener() = default;
    /// To the peer. The session must not be used from within.
    virtual void dtls_output(Bytes datagram) noexcept = 0;
    virtual void dtls_connected() noexcept = 0;
    virtual void dtls_received(Bytes record) noexcept = 0;
    /// Once, and nothing after it.
    virtual void dtls_failed(DtlsFailure failure, const std::string& detail) noexcept = 0;
  };

  /// `told` are the fingerprints of the peer's SDP. Throws std::bad_alloc when OpenSSL has no memory.
  DtlsSession(const DtlsContext& context, DtlsRole role, std::vector<sdp::Fingerprint> told, DtlsTimers timers,
              Listener& listener);
  ~DtlsSession() override;

  DtlsSession(const DtlsSession&) = delete;
  DtlsSession& operator=(const DtlsSession&) = delete;

  /// The client sends its ClientHello; the server waits for it.
  void start();
  void receive(Bytes datagram);
  /// One record. False when the session is not connected or the record is too large.
  bool send(Bytes record);
  /// Sends close_notify if the session is connected. Nothing is told any more.
  void close();

  /// While it lives, the session keeps its record buffers: many records are sent or read in a row.
  class Burst {
   public:
    explicit Burst(DtlsSession& session) noexcept;
    ~Burst();
    Burst(const Burst&) = delete;
    Burst& operator=(const Burst&) = delete;

    explicit operator bool() const noexcept { return allocated_; }

   private:
    DtlsSession& session_;
    bool allocated_;
  };

  /// When handle_timeout() wants to be called: while handshaking only.
  base::Deadline next_deadline(base::TimePoint now) const;
  void handle_timeout();

  bool is_connected() const noexcept { return state_ == State::connected; }

 private:
  enum class State { handshaking, connected, failed, closed };

  static int verify(X509_STORE_CTX* chain, void* unused) noexcept;
  static unsigned int next_interval(SSL* ssl, unsigned int previous) noexcept;
  friend DtlsContext;

  void output(Bytes datagram) noexcept override;
  void handshake();
  void read_records();
  void fail(int result);

  Listener& listener_;
  std::vector<sdp::Fingerprint> told_;
  DtlsTimers timers_;
  DtlsRole role_;
  State state_ = State::handshaking;
  bool mismatch_ = false;
  unsigned bursts_ = 0;
  OpensslHandle<SSL> ssl_;  // frees its BIO, which points to this object
};

}  // namespace clued::channel
