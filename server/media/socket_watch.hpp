#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/expected.hpp"

namespace clued::media {

/// Tells which of thousands of mostly silent sockets can be read. To Asio it is one descriptor, an epoll set of its own
/// (epoll(7)), so that a socket costs the loop nothing until something arrives.
class SocketWatch {
 public:
  /// `readable` is called from the loop with the number that the socket was added under. It may add and close sockets.
  SocketWatch(boost::asio::io_context& io, std::function<void(std::uint64_t)> readable);
  ~SocketWatch();

  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  /// A socket that is closed is forgotten by itself. Until it is read empty it is told again and again, after everybody
  /// else who is readable. Fails when the kernel has no memory or the user no watches left.
  base::expected<void, boost::system::error_code> add(int descriptor, std::uint64_t number);
  /// Without sockets: nothing keeps the loop running any more.
  void rest();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace clued::media
