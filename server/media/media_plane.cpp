#include "media/media_plane.hpp"

#include <array>
#include <optional>
#include <unordered_map>
#include <utility>

#include "media/port_pair.hpp"
#include "media/records.hpp"
#include "media/socket_watch.hpp"

namespace clued::media {

namespace {

/// Packets taken from one socket before the loop serves others.
constexpr int packets_per_turn = 16;

constexpr std::size_t descriptors_of_a_pair = 2;

std::optional<PortPairBinder> make_binder(const std::string& address, const Settings& settings) {
  if (address.empty()) return std::nullopt;
  return PortPairBinder(boost::asio::ip::make_address(address), settings.min_port, settings.max_port);
}

}  // namespace

class MediaPlane::Impl {
 public:
  Impl(boost::asio::io_context& io, Settings settings, Post post, base::RecordSink records,
       base::DescriptorBudget descriptors)
      : settings_(std::move(settings)),
        descriptors_(std::move(descriptors)),
        post_(std::move(post)),
        records_(std::move(records)),
        v4_(make_binder(settings_.address_v4, settings_)),
        v6_(make_binder(settings_.address_v6, settings_)),
        watch_(io, [this](std::uint64_t number) { readable(number); }) {}

  base::expected<void, std::string> start() {
    for (const std::string& address : {settings_.address_v4, settings_.address_v6}) {
      if (address.empty()) continue;
      const auto probe = UdpSocket::bind(boost::asio::ip::make_address(address), 0);
      if (!probe) return base::unexpected("media on " + address + ": " + probe.error().message());
    }
    return {};
  }

  void bind(const focus::command::BindPort& command) {
    if (pairs_.contains(command.port)) return fail(command.port, "the port id is in use");
    if (pairs_.size() >= settings_.max_pairs) return fail(command.port, "the limit of port pairs is reached");
    if (!descriptors_.allows(descriptors_of_a_pair, base::DescriptorBudget::Use::call)) {
      return fail(command.port, "no file descriptors are left");
    }
    auto& binder = binder_of(command.family);
    if (!binder) return fail(command.port, "no media address of this family is configured");
    auto pair = binder->bind();
    if (!pair) return fail(command.port, pair.error());

    for (const bool rtcp : {false, true}) {
      const auto watched = watch_.add((rtcp ? pair->rtcp : pair->rtp).descriptor(), number_of(command.port, rtcp));
      if (watched) continue;
      binder->released(pair->rtp_port);
      return fail(command.port, "port pair: " + watched.error().message());
    }
    const auto& kept =
        pairs_.emplace(command.port, Entry{*std::move(pair), command.family, command.subject}).first->second;
    records_(kept.subject, {&record::port_bound, {{"port", command.port}, {"rtp_port", unsigned{kept.pair.rtp_port}}}});
    post_(focus::event::PortBound{command.port, kept.pair.rtp_port});
  }

  void release(base::PortId id) {
    const auto found = pairs_.find(id);
    if (found == pairs_.end()) return;
    const PortPair& pair = found->second.pair;
    records_(found->second.subject,
             {&record::port_released,
              {{"port", id}, {"rtp_port", unsigned{pair.rtp_port}}, {"packets", pair.packets}, {"bytes", pair.bytes}}});
    binder_of(found->second.family)->released(pair.rtp_port);
    pairs_.erase(found);
    if (pairs_.empty()) watch_.rest();
  }

  Census census() const noexcept { return {pairs_.size(), packets_, bytes_}; }

 private:
  struct Entry {
    PortPair pair;
    sdp::IpFamily family;
    base::SharedSubject subject;
  };

  std::optional<PortPairBinder>& binder_of(sdp::IpFamily family) { return family == sdp::IpFamily::v4 ? v4_ : v6_; }

  void fail(base::PortId id, std::string detail) { post_(focus::event::PortFailed{id, std::move(detail)}); }

  /// What a socket is watched under.
  static std::uint64_t number_of(base::PortId id, bool rtcp) { return id.value() * 2 + (rtcp ? 1 : 0); }

  void readable(std::uint64_t number) {
    const auto found = pairs_.find(base::PortId{number / 2});
    if (found == pairs_.end()) return;  // released while it was being told
    PortPair& pair = found->second.pair;
    const UdpSocket& socket = number % 2 == 0 ? pair.rtp : pair.rtcp;
    for (int n = 0; n < packets_per_turn; ++n) {
      const auto size = socket.receive(buffer_);
      if (!size) break;
      ++pair.packets;
      pair.bytes += *size;
      ++packets_;
      bytes_ += *size;
    }
  }

  Settings settings_;
  base::DescriptorBudget descriptors_;
  Post post_;
  base::RecordSink records_;
  std::optional<PortPairBinder> v4_;
  std::optional<PortPairBinder> v6_;
  std::unordered_map<base::PortId, Entry> pairs_;
  std::uint64_t packets_ = 0;
  std::uint64_t bytes_ = 0;
  /// One for all sockets: nothing that is received outlives the call. Holds the largest datagram.
  std::array<char, 65536> buffer_;
  SocketWatch watch_;
};

MediaPlane::MediaPlane(boost::asio::io_context& io, Settings settings, Post post, base::RecordSink records,
                       base::DescriptorBudget descriptors)
    : impl_(std::make_unique<Impl>(io, std::move(settings), std::move(post), std::move(records),
                                   std::move(descriptors))) {}

MediaPlane::~MediaPlane() = default;

base::expected<void, std::string> MediaPlane::start() { return impl_->start(); }

void MediaPlane::bind(const focus::command::BindPort& command) { impl_->bind(command); }

void MediaPlane::release(const focus::command::ReleasePort& command) { impl_->release(command.port); }

Census MediaPlane::census() const noexcept { return impl_->census(); }

}  // namespace clued::media
