#pragma once

#include <glib.h>

#include <memory>

namespace boost::asio {
class io_context;
}

namespace clued::channel {

class Turns;

/// One GMainContext, moved by Asio: its descriptors and its timeout are watched there, and it is dispatched when one of
/// them is due. Timeouts are rounded up to a grid of 10 ms that all pumps share: GLib timeouts are truncated to
/// milliseconds and would spin, and on a grid many contexts share one wake-up.
class GlibPump {
 public:
  /// Acquires the context for the calling thread, which must be the one that runs `io`. What is ready is dispatched
  /// in the turns; they must outlive the pump.
  GlibPump(boost::asio::io_context& io, Turns& turns);
  /// Calls stop(). Not from within a dispatch.
  ~GlibPump();

  GlibPump(const GlibPump&) = delete;
  GlibPump& operator=(const GlibPump&) = delete;

  GMainContext* context() const noexcept;

  /// To be called after every call from outside a dispatch that may have added a source to the context: nothing else
  /// tells Asio of it.
  void kick();

  /// Lets go of all descriptors without closing them. To be called before their owner closes them: a number that is
  /// closed and opened again elsewhere must not be found in our set.
  void stop() noexcept;

 private:
  class Impl;
  /// Shared with the handlers that Asio keeps.
  std::shared_ptr<Impl> impl_;
};

}  // namespace clued::channel
