#include "sip/stream_gate.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "sip/bare_answer.hpp"
#include "sip/call_record.hpp"
#include "sip/head_limits.hpp"
#include "sip/records.hpp"
#include "sip/socket_facts.hpp"

namespace clued::sip {
namespace {

using Clock = std::chrono::steady_clock;

/// How often half messages are looked at, however short the patience with them.
constexpr std::chrono::milliseconds least_pause(50);
/// How long the messages before a fault may take to be answered.
constexpr std::chrono::milliseconds last_words(200);
/// What is still read of a connection that is over, so that the answer is not lost: the kernel forgets what it has yet
/// to send when it closes a socket that has unread data.
constexpr int last_reads = 16;

thread_local StreamGate* current = nullptr;

/// The library's own parser, which has the last word.
bool can_read_start_line(std::string_view line) {
  const Home home = make_home();
  const bool is_response = line.substr(0, 4) == "SIP/" || line.substr(0, 4) == "sip/";
  return msg_header_make(home.get(), is_response ? sip_status_class : sip_request_class, std::string(line).c_str()) !=
         nullptr;
}

bool is_request(std::string_view message) { return message.substr(0, 4) != "SIP/" && message.substr(0, 4) != "sip/"; }

/// RFC 5626 section 4.4.1. Not into the middle of something that is still on its way.
void answer_ping(int descriptor) {
  int unsent = 0;
  if (ioctl(descriptor, SIOCOUTQ, &unsent) != 0 || unsent != 0) return;
  send(descriptor, "\r\n", 2, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/// What su_vrecv does by itself.
issize_t read_into(int descriptor, su_iovec_t* parts, std::size_t count, int flags, su_sockaddr_t* from,
                   socklen_t* from_size) {
  msghdr message{};
  message.msg_name = from;
  message.msg_namelen = from != nullptr && from_size != nullptr ? *from_size : 0;
  message.msg_iov = reinterpret_cast<iovec*>(parts);
  message.msg_iovlen = count;
  const auto size = static_cast<issize_t>(recvmsg(descriptor, &message, flags));
  if (size >= 0 && from_size != nullptr) *from_size = message.msg_namelen;
  return size;
}

/// What su_getmsgsize does by itself.
issize_t waiting_at(int descriptor) {
  int waiting = 0;
  return ioctl(descriptor, FIONREAD, &waiting) == 0 ? waiting : -1;
}

/// Line ends before a message in a datagram, which the library cannot read either. One of nothing else is left to it.
issize_t without_line_ends(const su_iovec_t& part, issize_t size) {
  const std::string_view text(static_cast<const char*>(part.siv_base), static_cast<std::size_t>(size));
  const std::size_t begin = text.find_first_not_of("\r\n");
  if (begin == 0 || begin == std::string_view::npos) return size;
  std::memmove(part.siv_base, text.data() + begin, text.size() - begin);
  return static_cast<issize_t>(text.size() - begin);
}

}  // namespace

StreamGate::StreamGate(boost::asio::io_context& io, Settings settings, const Admission& admission,
                       std::function<Source(const su_sockaddr_t&)> source_of,
                       std::function<std::uint64_t()> refused_by_library, base::RecordSink log)
    : settings_(settings),
      admission_(admission),
      source_of_(std::move(source_of)),
      log_(std::move(log)),
      trace_(log_),
      refusals_(std::move(refused_by_library), log_),
      io_(io),
      timer_(io),
      check_(can_read_start_line) {}

StreamGate::~StreamGate() {
  *alive_ = false;
  if (current == this) current = nullptr;
}

StreamGate::Stream* StreamGate::stream_of(int descriptor) {
  const auto found = streams_.find(descriptor);
  if (found == streams_.end()) return nullptr;
  if (found->second.cookie == cookie_of(descriptor)) return &found->second;
  streams_.erase(found);
  return nullptr;
}

StreamGate::Stream& StreamGate::keep(int descriptor, StreamFramer framer) {
  sweep_later();
  return streams_.insert_or_assign(descriptor, Stream{cookie_of(descriptor), std::move(framer), Clock::now()})
      .first->second;
}

issize_t StreamGate::size(int descriptor) {
  if (datagrams_.contains(descriptor) || is_datagram(descriptor)) {
    datagrams_.insert(descriptor);
    return waiting_at(descriptor);
  }
  ready_.clear();
  reading_ = descriptor;
  Stream* known = stream_of(descriptor);
  if (known != nullptr && known->state == Stream::State::over) return end(descriptor, *known->framer.fault());
  if (known != nullptr && known->state == Stream::State::ending) return discard(descriptor);
  StreamFramer fresh(settings_.max_message, check_);
  StreamFramer& framer = known != nullptr ? known->framer : fresh;
  const ssize_t size = recv(descriptor, bytes_.data(), std::min(bytes_.size(), framer.room()), MSG_DONTWAIT);
  if (size <= 0) {
    // Its other end closes it, or has already.
    std::erase_if(given_, [descriptor](const Given& one) { return one.descriptor == descriptor; });
    if (size == 0) streams_.erase(descriptor);
    return static_cast<issize_t>(size);
  }
  source_ = peer_of(descriptor);
  bool is_message_begun = framer.holds_part();
  framer.take({bytes_.data(), static_cast<std::size_t>(size)}, [&](std::string_view message) {
    is_message_begun = false;
    admit(source_, message);
  });
  if (framer.take_pings() > 0) answer_ping(descriptor);
  if (framer.fault()) {
    if (ready_.empty()) return end(descriptor, *framer.fault());
    end_soon(descriptor, known != nullptr ? *known : keep(descriptor, std::move(fresh)));
  } else if (!framer.is_new()) {
    if (known == nullptr) {
      keep(descriptor, std::move(fresh));
    } else if (!is_message_begun) {
      known->since = Clock::now();
    }
  } else {
    streams_.erase(descriptor);
  }
  if (!ready_.empty()) return static_cast<issize_t>(ready_.size());
  errno = EAGAIN;
  return -1;
}

/// A response belongs to a request of ours. What is above the rate is dropped without an answer.
void StreamGate::admit(const su_sockaddr_t& source, std::string_view message) {
  if (trace_.is_wanted()) trace_.received(peer_text(source, false), message);
  if (!is_request(message) || !admission_ || admission_(source)) ready_.append(message);
}

issize_t StreamGate::receive(int descriptor, su_iovec_t* parts, std::size_t count, su_sockaddr_t* from,
                             socklen_t* from_size) {
  if (datagrams_.contains(descriptor)) {
    issize_t size = read_into(descriptor, parts, count, 0, from, from_size);
    if (size > 0 && count == 1) size = without_line_ends(parts[0], size);
    if (size <= 0 || count != 1 || from == nullptr || from_size == nullptr) return size;
    const std::string_view message(static_cast<const char*>(parts[0].siv_base), static_cast<std::size_t>(size));
    su_sockaddr_t source = *from;
    SU_CANONIZE_SOCKADDR(&source);
    if (trace_.is_wanted()) trace_.received(peer_text(source, true), message);
    const auto objection = objection_to(message);
    if (!objection) {
      if (is_request(message)) give_datagram(source);
      return size;
    }
    const std::string answer = refusal_of(message, *objection, source);
    if (!answer.empty()) {
      sendto(descriptor, answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL, &from->su_sa, *from_size);
    }
    return 0;  // To the library this is an empty datagram.
  }
  std::string_view rest = reading_ == descriptor ? std::string_view(ready_) : std::string_view();
  for (std::size_t i = 0; i < count && !rest.empty(); ++i) {
    const std::size_t size = std::min<std::size_t>(parts[i].siv_len, rest.size());
    std::memcpy(parts[i].siv_base, rest.data(), size);
    rest.remove_prefix(size);
  }
  const std::size_t given = ready_.size() - rest.size();
  ready_.clear();
  if (given > 0) {
    give(descriptor);
    return static_cast<issize_t>(given);
  }
  errno = EAGAIN;
  return -1;
}

/// A request whose Request-URI it cannot read, or whose headers would take it too long. The first it would drop without
/// a word (RFC 3261 section 8.2.2.1 has it answered), and what is no SIP at all it still may.
std::optional<StreamGate::Objection> StreamGate::objection_to(std::string_view message) const {
  if (const char* const excess = excess_of(message)) return Objection{513, excess};
  const std::string_view line = message.substr(0, message.find_first_of("\r\n"));
  const bool is_request_line = is_request(line) && line.find(" SIP/") != std::string_view::npos;
  if (is_request_line && !check_(line)) return Objection{400, "the request line cannot be read"};
  return std::nullopt;
}

/// What such a datagram is answered, if its source may have an answer.
std::string StreamGate::refusal_of(std::string_view message, Objection objection, const su_sockaddr_t& source) const {
  if (is_request(message) && admission_ && !admission_(source)) return {};
  std::string answer = is_request(message) ? bare_answer(message, objection.status) : std::string();
  log_(record_of_call(record::datagram_refused, "", read_head(message).call_id,
                      {{"source", peer_text(source, true)},
                       {"status", answer.empty() ? 0 : objection.status},
                       {"why", objection.why}}));
  return answer;
}

void StreamGate::give_datagram(const su_sockaddr_t& source) {
  refusals_.begin(peer_text(source, true));
  end_turn_later();
}

void StreamGate::end_turn_later() {
  if (std::exchange(is_turn_watched_, true)) return;
  boost::asio::post(io_, [this, alive = alive_] {
    if (!*alive) return;
    is_turn_watched_ = false;
    refusals_.end();
    look_after_given();
  });
}

void StreamGate::sent(int descriptor, const su_iovec_t* parts, std::size_t count, const su_sockaddr_t* to,
                      std::size_t size) {
  const bool may_be_refusal = count > 0 && is_refusal({static_cast<const char*>(parts[0].siv_base), parts[0].siv_len});
  if (!trace_.is_wanted() && !may_be_refusal) return;
  std::string message;
  for (std::size_t i = 0; i < count && message.size() < size; ++i) {
    message.append(static_cast<const char*>(parts[i].siv_base),
                   std::min<std::size_t>(parts[i].siv_len, size - message.size()));
  }
  su_sockaddr_t peer = to != nullptr ? *to : peer_of(descriptor);
  SU_CANONIZE_SOCKADDR(&peer);
  const std::string text = peer_text(peer, is_datagram(descriptor));
  if (may_be_refusal) refusals_.sent(text, message);
  if (trace_.is_wanted()) trace_.sent(text, message);
}

std::string StreamGate::peer_text(const su_sockaddr_t& peer, bool datagram) const {
  if (!datagram) return source_of_(peer).to_string();
  return Source{address_text(peer), ntohs(peer.su_port), "udp"}.to_string();
}

issize_t StreamGate::discard(int descriptor) {
  const ssize_t size = recv(descriptor, bytes_.data(), bytes_.size(), MSG_DONTWAIT);
  if (size > 0) errno = EAGAIN;
  return size > 0 ? -1 : static_cast<issize_t>(size);
}

void StreamGate::end_soon(int descriptor, Stream& stream) {
  stream.state = Stream::State::ending;
  after_last_words(descriptor, stream.cookie, [this, descriptor] {
    if (Stream* ended = stream_of(descriptor)) {
      ended->state = Stream::State::over;
      shutdown(descriptor, SHUT_RD);
    }
  });
}

/// Calls it if the descriptor is still this connection then.
void StreamGate::after_last_words(int descriptor, std::uint64_t connection, std::function<void()> then) {
  const auto timer = std::make_shared<boost::asio::steady_timer>(io_, last_words);
  timer->async_wait([alive = alive_, timer, descriptor, connection, then = std::move(then)](const auto& error) {
    if (!error && *alive && cookie_of(descriptor) == connection) then();
  });
}

/// To the library this is a connection that its other end has closed.
issize_t StreamGate::end(int descriptor, const StreamFramer::Fault& fault) {
  const su_sockaddr_t peer = peer_of(descriptor);
  log_({&record::stream_refused,
        {{"source", source_of_(peer).to_string()}, {"status", fault.status}, {"why", fault.why}}});
  if (!fault.answer.empty()) {
    send(descriptor, fault.answer.data(), fault.answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  for (int i = 0; i < last_reads; ++i) {
    if (recv(descriptor, bytes_.data(), bytes_.size(), MSG_DONTWAIT) <= 0) break;
  }
  streams_.erase(descriptor);
  return 0;
}

void StreamGate::give(int descriptor) {
  refusals_.begin("");  // that the connection ended is told without it
  end_turn_later();
  given_.push_back({descriptor, cookie_of(descriptor), source_});
}

/// The library ends a connection at once over a header that it cannot read and that matters, such as CSeq, by closing
/// it or its own end of it: that is right, but it tells nobody, and keeps what it has half closed for as long as the
/// other end likes. The end of what it reads is what it closes the rest at.
void StreamGate::look_after_given() {
  for (const Given& one : std::exchange(given_, {})) {
    const bool is_open = cookie_of(one.descriptor) == one.cookie;
    if (is_open && !is_ending(one.descriptor)) continue;
    if (is_open) after_last_words(one.descriptor, one.cookie, [one] { shutdown(one.descriptor, SHUT_RD); });
    log_({&record::stream_refused,
          {{"source", source_of_(one.source).to_string()}, {"status", 400}, {"why", "a header that cannot be read"}}});
  }
}

void StreamGate::sweep_later() {
  if (!streams_.empty()) return;
  timer_.expires_after(std::max(least_pause, settings_.patience / 8));
  timer_.async_wait([this, alive = alive_](const boost::system::error_code& error) {
    if (!error && *alive) sweep();
  });
}

void StreamGate::sweep() {
  const auto now = Clock::now();
  for (auto one = streams_.begin(); one != streams_.end();) {
    auto& [descriptor, stream] = *one;
    const bool is_late = stream.state == Stream::State::reading && now - stream.since >= settings_.patience;
    const bool is_gone = stream.cookie != cookie_of(descriptor) || (is_late && !stream.framer.holds_part());
    if (is_late && !is_gone) {
      stream.framer.expire();
      stream.state = Stream::State::over;
      // The library reads the end of the connection, and end() says the rest.
      shutdown(descriptor, SHUT_RD);
    }
    one = is_gone ? streams_.erase(one) : std::next(one);
  }
  if (streams_.empty()) return;
  timer_.expires_after(std::max(least_pause, settings_.patience / 8));
  timer_.async_wait([this, alive = alive_](const boost::system::error_code& error) {
    if (!error && *alive) sweep();
  });
}

void set_stream_gate(StreamGate* gate) { current = gate; }
StreamGate* stream_gate() { return current; }

}  // namespace clued::sip

// The library's, as its own header declares them; a shared library calls the program's where it has one.

extern "C" issize_t su_getmsgsize(su_socket_t socket) {
  clued::sip::StreamGate* gate = clued::sip::stream_gate();
  return gate != nullptr ? gate->size(socket) : clued::sip::waiting_at(socket);
}

extern "C" issize_t su_vrecv(su_socket_t socket, su_iovec_t parts[], isize_t count, int flags, su_sockaddr_t* from,
                             socklen_t* from_size) {
  clued::sip::StreamGate* gate = clued::sip::stream_gate();
  return gate != nullptr ? gate->receive(socket, parts, count, from, from_size)
                         : clued::sip::read_into(socket, parts, count, flags, from, from_size);
}

extern "C" issize_t su_vsend(su_socket_t socket, su_iovec_t const parts[], isize_t count, int flags,
                             su_sockaddr_t const* to, socklen_t to_size) {
  msghdr message{};
  message.msg_name = const_cast<su_sockaddr_t*>(to);
  message.msg_namelen = to_size;
  message.msg_iov = reinterpret_cast<iovec*>(const_cast<su_iovec_t*>(parts));
  message.msg_iovlen = count;
  const auto size = static_cast<issize_t>(sendmsg(socket, &message, flags));
  clued::sip::StreamGate* gate = clued::sip::stream_gate();
  if (size > 0 && gate != nullptr) gate->sent(socket, parts, count, to, static_cast<std::size_t>(size));
  return size;
}
