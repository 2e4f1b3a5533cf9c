#include "media/port_pair.hpp"

#include <boost/asio/error.hpp>

namespace clued::media {

namespace {

/// How often the kernel is asked for a pair before we say that there is none. Half of its first ports have a free
/// neighbour even on a machine with most of its ephemeral ports in use.
constexpr int kernel_attempts = 32;
/// How many ports of a range that other programs hold are tried in one bind: each try is two system calls on the loop.
constexpr int range_attempts = 64;

/// Another port may do better after "in use"; after anything else (no such address, no descriptors) none will.
bool is_hopeless(const boost::system::error_code& error) {
  return error != boost::asio::error::address_in_use && error != boost::asio::error::access_denied;
}

}  // namespace

PortPairBinder::PortPairBinder(boost::asio::ip::address address, std::uint16_t min_port, std::uint16_t max_port)
    : address_(std::move(address)) {
  if (min_port == 0) return;
  first_ = (std::uint32_t{min_port} + 1) / 2 * 2;
  const std::uint32_t end = std::uint32_t{max_port} + 1;
  if (end >= first_ + 2) used_.resize((end - first_) / 2);
}

base::expected<PortPair, std::string> PortPairBinder::bind() { return first_ == 0 ? bind_any() : bind_in_range(); }

void PortPairBinder::released(std::uint16_t rtp_port) {
  if (first_ != 0) used_[(rtp_port - first_) / 2] = false;
}

base::expected<PortPair, std::string> PortPairBinder::bind_any() const {
  boost::system::error_code error;
  for (int attempt = 0; attempt < kernel_attempts; ++attempt) {
    auto one = UdpSocket::bind(address_, 0);
    if (!one) return refuse("port pair", one.error());
    const auto chosen = one->port();
    if (!chosen) return refuse("port pair", chosen.error());
    const std::uint16_t port = *chosen;
    const auto neighbour = static_cast<std::uint16_t>(port ^ 1U);
    auto other = UdpSocket::bind(address_, neighbour);
    if (!other) {
      error = other.error();
      if (is_hopeless(error)) break;
      continue;
    }
    if (port % 2 == 0) return PortPair(*std::move(one), *std::move(other), port);
    return PortPair(*std::move(other), *std::move(one), neighbour);
  }
  return refuse("port pair", error);
}

base::expected<PortPair, std::string> PortPairBinder::bind_in_range() {
  int attempts = 0;
  for (std::size_t step = 0; step < used_.size() && attempts < range_attempts; ++step) {
    const std::size_t index = cursor_;
    cursor_ = (cursor_ + 1) % used_.size();
    if (used_[index]) continue;
    ++attempts;
    const auto port = static_cast<std::uint16_t>(first_ + 2 * index);
    auto rtp = UdpSocket::bind(address_, port);
    auto rtcp = rtp ? UdpSocket::bind(address_, static_cast<std::uint16_t>(port + 1)) : std::move(rtp);
    if (rtcp) {
      used_[index] = true;
      return PortPair(*std::move(rtp), *std::move(rtcp), port);
    }
    if (is_hopeless(rtcp.error())) return refuse("port " + std::to_string(port), rtcp.error());
  }
  return base::unexpected("no free port pair in the range on " + address_.to_string());
}

base::unexpected<std::string> PortPairBinder::refuse(const std::string& what,
                                                     const boost::system::error_code& error) const {
  return base::unexpected(what + " on " + address_.to_string() + ": " + error.message());
}

}  // namespace clued::media
