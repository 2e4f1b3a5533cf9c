// Sofia-SIP's root on an Asio loop: stepped when its epoll set is readable, when its next timer is due, and after
// every call into the library from outside (hosting.md). Private to server/sip.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/expected.hpp"
#include "sip/sofia.hpp"

namespace boost::asio {
class io_context;
}

namespace clued::sip {

class Loop {
 public:
  explicit Loop(boost::asio::io_context& io);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  /// Creates the root and watches it. `before_step` is called each time before the library works. Error: a sentence.
  base::expected<void, std::string> start(std::function<void()> before_step);
  /// While it is true, the library has no steps.
  void hold(bool hold);
  boost::asio::io_context& io() const { return io_; }
  su_root_t* root() const { return root_.get(); }
  /// What the library watches, connections that it does not read from any more among it, in rising order, which
  /// mostly is that of their making. Costs what there is to list.
  std::vector<int> descriptors() const;

  /// From now on the library does not hear of what happens at this descriptor of its own, except while it is served.
  /// False when it does not watch that.
  bool mask(int descriptor);
  /// Has the library work with a masked descriptor as with the others, asking before each thing that it does. Does
  /// nothing during a hold.
  void serve(int masked, const std::function<bool()>& may_go_on, int most);

  /// To be held during every call into the library that does not come from one of its own callbacks: a message or a
  /// timer set from outside wakes nothing by itself.
  class Use {
   public:
    explicit Use(Loop& loop) : loop_(loop) {}
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() { loop_.schedule(); }

   private:
    Loop& loop_;
  };

 private:
  struct Watch;  // Asio's part, kept out of this header

  void schedule();
  void await_readable();
  void step();

  boost::asio::io_context& io_;
  std::function<void()> before_step_;
  RootHandle root_;
  std::unique_ptr<Watch> watch_;
  bool scheduled_ = false;
  bool held_ = false;
  /// Handlers that are still queued when the loop dies see that it did.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace clued::sip
