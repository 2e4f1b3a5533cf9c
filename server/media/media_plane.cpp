#include "media/media_plane.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <unordered_map>
#include <utility>

#include "media/port_pair.hpp"
#include "media/records.hpp"

namespace clued::media {

namespace {

using boost::asio::ip::udp;

/// Packets taken from one socket before the loop serves others.
constexpr int packets_per_turn = 16;

std::optional<PortPairBinder> make_binder(const std::string& address, const Settings& settings) {
  if (address.empty()) return std::nullopt;
  return PortPairBinder(boost::asio::ip::make_address(address), settings.min_port, settings.max_port);
}

}  // namespace

class MediaPlane::Impl : public std::enable_shared_from_this<MediaPlane::Impl> {
 public:
  Impl(boost::asio::io_context& io, Settings settings, Post post, base::RecordSink records)
      : io_(io),
        settings_(std::move(settings)),
        post_(std::move(post)),
        records_(std::move(records)),
        v4_(make_binder(settings_.address_v4, settings_)),
        v6_(make_binder(settings_.address_v6, settings_)) {}

  base::expected<void, std::string> start() {
    for (const std::string& address : {settings_.address_v4, settings_.address_v6}) {
      if (address.empty()) continue;
      const auto probe = bind_one(io_, boost::asio::ip::make_address(address), 0);
      if (!probe) return base::unexpected("media on " + address + ": " + probe.error().message());
    }
    return {};
  }

  void bind(const focus::command::BindPort& command) {
    if (pairs_.contains(command.port)) return fail(command.port, "the port id is in use");
    if (pairs_.size() >= settings_.max_pairs) return fail(command.port, "the limit of port pairs is reached");
    auto& binder = binder_of(command.family);
    if (!binder) return fail(command.port, "no media address of this family is configured");
    auto pair = binder->bind(io_);
    if (!pair) return fail(command.port, pair.error());

    const auto& kept = pairs_.emplace(command.port, Entry{*std::move(pair), command.family}).first->second;
    records_({&record::port_bound, {{"port", command.port}, {"rtp_port", unsigned{kept.pair.rtp_port}}}});
    post_(focus::event::PortBound{command.port, kept.pair.rtp_port});
    wait(command.port, false);
    wait(command.port, true);
  }

  void release(base::PortId id) {
    const auto found = pairs_.find(id);
    if (found == pairs_.end()) return;
    const PortPair& pair = found->second.pair;
    records_({&record::port_released,
              {{"port", id}, {"rtp_port", unsigned{pair.rtp_port}}, {"packets", pair.packets}, {"bytes", pair.bytes}}});
    binder_of(found->second.family)->released(pair.rtp_port);
    pairs_.erase(found);
  }

  Census census() const noexcept { return {pairs_.size(), packets_, bytes_}; }

 private:
  struct Entry {
    PortPair pair;
    sdp::IpFamily family;
  };

  std::optional<PortPairBinder>& binder_of(sdp::IpFamily family) { return family == sdp::IpFamily::v4 ? v4_ : v6_; }

  void fail(base::PortId id, std::string detail) { post_(focus::event::PortFailed{id, std::move(detail)}); }

  static udp::socket& socket_of(Entry& entry, bool rtcp) { return rtcp ? entry.pair.rtcp : entry.pair.rtp; }

  void wait(base::PortId id, bool rtcp) {
    const auto found = pairs_.find(id);
    if (found == pairs_.end()) return;
    socket_of(found->second, rtcp)
        .async_wait(udp::socket::wait_read,
                    [weak = weak_from_this(), id, rtcp](const boost::system::error_code& error) {
                      if (error == boost::asio::error::operation_aborted) return;
                      if (const auto self = weak.lock()) self->readable(id, rtcp);
                    });
  }

  void readable(base::PortId id, bool rtcp) {
    const auto found = pairs_.find(id);
    if (found == pairs_.end()) return;
    udp::socket& socket = socket_of(found->second, rtcp);
    for (int n = 0; n < packets_per_turn; ++n) {
      boost::system::error_code error;
      const std::size_t size = socket.receive(boost::asio::buffer(buffer_), 0, error);
      // Would-block is the usual end of a burst; any other error was taken from the socket by this very call.
      if (error) break;
      ++found->second.pair.packets;
      found->second.pair.bytes += size;
      ++packets_;
      bytes_ += size;
    }
    wait(id, rtcp);
  }

  boost::asio::io_context& io_;
  Settings settings_;
  Post post_;
  base::RecordSink records_;
  std::optional<PortPairBinder> v4_;
  std::optional<PortPairBinder> v6_;
  std::unordered_map<base::PortId, Entry> pairs_;
  std::uint64_t packets_ = 0;
  std::uint64_t bytes_ = 0;
  /// One for all sockets: nothing that is received outlives the call. Holds the largest datagram.
  std::array<char, 65536> buffer_;
};

MediaPlane::MediaPlane(boost::asio::io_context& io, Settings settings, Post post, base::RecordSink records)
    : impl_(std::make_shared<Impl>(io, std::move(settings), std::move(post), std::move(records))) {}

MediaPlane::~MediaPlane() = default;

base::expected<void, std::string> MediaPlane::start() { return impl_->start(); }

void MediaPlane::bind(const focus::command::BindPort& command) { impl_->bind(command); }

void MediaPlane::release(const focus::command::ReleasePort& command) { impl_->release(command.port); }

Census MediaPlane::census() const noexcept { return impl_->census(); }

}  // namespace clued::media
