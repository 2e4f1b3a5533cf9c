// The RTP plane: bound UDP port pairs for every accepted RTP m-line. Forwarding is not its business yet; what arrives
// is counted and dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/descriptor_budget.hpp"
#include "base/expected.hpp"
#include "base/record.hpp"
#include "focus/commands.hpp"
#include "focus/events.hpp"

namespace boost::asio {
class io_context;
}

namespace clued::media {

struct Settings {
  std::string address_v4 = "127.0.0.1";  ///< what the sockets are bound to; empty: no media in this family
  std::string address_v6 = "";
  std::uint16_t min_port = 0;  ///< first port of the range, 0: the kernel chooses
  std::uint16_t max_port = 0;  ///< last port of the range
  std::size_t max_pairs = 20'000;
};

/// How much of it is alive, and what it did since the start.
struct Census {
  std::size_t pairs = 0;
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
};

using Post = std::function<void(focus::Event)>;

/// Even RTP port, RTCP on the odd one above it (RFC 3550 section 11). Everything runs on the one io_context; a burst on
/// one port costs the loop at most 16 packets before others have their turn.
class MediaPlane {
 public:
  /// `io` must outlive this object. `post` and `records` are called from bind() and release() and from the loop.
  MediaPlane(boost::asio::io_context& io, Settings settings, Post post, base::RecordSink records,
             base::DescriptorBudget descriptors = {});
  ~MediaPlane();

  MediaPlane(const MediaPlane&) = delete;
  MediaPlane& operator=(const MediaPlane&) = delete;

  /// Whether sockets can be had on the configured addresses, or a sentence that says which not. Keeps none.
  base::expected<void, std::string> start();

  /// Posts PortBound, or PortFailed when the limit is reached or no pair is free.
  void bind(const focus::command::BindPort& command);
  /// The pair is closed at return. Unknown ids are ignored.
  void release(const focus::command::ReleasePort& command);

  Census census() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace clued::media
