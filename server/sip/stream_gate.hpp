// What the library reads, and at trace what it sends. Private to server/sip.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>
// Boost 1.74 uses std::exchange without including it under C++20.
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/record.hpp"
#include "sip/library_refusals.hpp"
#include "sip/message_class.hpp"
#include "sip/message_trace.hpp"
#include "sip/sofia.hpp"
#include "sip/stream_framer.hpp"
#include "sip/values.hpp"

namespace clued::sip {

/// Reads the library's sockets in its place, and gives it whole messages of its connections only (StreamFramer): left
/// to itself it loses a message that line ends stand before, and after anything that it cannot read it keeps the
/// connection and reads no more of it. The library reads by two of its public functions, su_getmsgsize and su_vrecv,
/// which this program defines itself (stream_gate.cpp): the linker gives a shared library the program's. So it costs no
/// descriptor, no buffer of its own but for half messages, and holds for connections of either direction and for those
/// that TLS is relayed by.
class StreamGate {
 public:
  struct Settings {
    std::size_t max_message = 0;
    std::chrono::milliseconds patience{};  ///< for the rest of a message that has begun
  };
  /// `source_of`: who is at an address that the library knows, for the log. `refused_by_library`: how many requests it
  /// could not read so far.
  StreamGate(boost::asio::io_context& io, Settings settings, const Admission& admission,
             std::function<Source(const su_sockaddr_t&)> source_of, std::function<std::uint64_t()> refused_by_library,
             base::RecordSink log);
  StreamGate(const StreamGate&) = delete;
  StreamGate& operator=(const StreamGate&) = delete;
  ~StreamGate();

  /// As su_getmsgsize and su_vrecv: how much there is to read now, 0 at the end of a connection, -1 with errno; and it.
  issize_t size(int descriptor);
  issize_t receive(int descriptor, su_iovec_t* parts, std::size_t count, su_sockaddr_t* from, socklen_t* from_size);
  /// What the library reads now is dropped on our word, and so no news to us.
  void dropping() { refusals_.dropping(); }
  /// The library has sent so many bytes of this. `to`: of a datagram.
  void sent(int descriptor, const su_iovec_t* parts, std::size_t count, const su_sockaddr_t* to, std::size_t size);

 private:
  /// A connection of which half a message is here, or that is over.
  struct Stream {
    enum class State {
      reading,
      ending,  ///< after a fault, while the messages before it are answered: what comes is thrown away
      over     ///< the library is to see its end
    };
    std::uint64_t cookie = 0;  ///< the kernel's name for it: descriptors are used again
    StreamFramer framer;
    std::chrono::steady_clock::time_point since{};
    State state = State::reading;
  };

  /// A connection that the library was given messages of in this turn.
  struct Given {
    int descriptor = -1;
    std::uint64_t cookie = 0;
    su_sockaddr_t source{};
  };

  Stream* stream_of(int descriptor);
  Stream& keep(int descriptor, StreamFramer framer);
  void admit(const su_sockaddr_t& source, std::string_view message);
  /// Why a datagram is not for the library.
  struct Objection {
    int status = 0;
    const char* why = nullptr;
  };
  std::optional<Objection> objection_to(std::string_view message) const;
  std::string refusal_of(std::string_view message, Objection objection, const su_sockaddr_t& source) const;
  void give_datagram(const su_sockaddr_t& source);
  void end_turn_later();
  std::string peer_text(const su_sockaddr_t& peer, bool datagram) const;
  issize_t discard(int descriptor);
  void end_soon(int descriptor, Stream& stream);
  void after_last_words(int descriptor, std::uint64_t connection, std::function<void()> then);
  issize_t end(int descriptor, const StreamFramer::Fault& fault);
  void give(int descriptor);
  void look_after_given();
  void sweep_later();
  void sweep();

  Settings settings_;
  const Admission& admission_;
  std::function<Source(const su_sockaddr_t&)> source_of_;
  base::RecordSink log_;
  MessageTrace trace_;
  LibraryRefusals refusals_;
  bool is_turn_watched_ = false;  ///< its end is going to be looked after
  boost::asio::io_context& io_;
  boost::asio::steady_timer timer_;
  const StreamFramer::StartLineCheck check_;
  std::unordered_map<int, Stream> streams_;
  std::unordered_set<int> datagrams_;  ///< the library's own sockets, which stay
  std::string ready_;                  ///< messages for the library, between its two questions
  int reading_ = -1;                   ///< where the last of them came from
  su_sockaddr_t source_{};             ///< and from whom
  std::vector<Given> given_;           ///< looked after at the end of the turn
  std::array<char, 64 * 1024> bytes_{};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// Who reads for the library on this thread until the next call; null: nobody, it reads as it always did. The library
/// gives its reading functions no context.
void set_stream_gate(StreamGate* gate);
StreamGate* stream_gate();

}  // namespace clued::sip
