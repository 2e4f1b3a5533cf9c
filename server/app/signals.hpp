// The signals of the process: held back from its first instruction on, and taken one by one by the loop.
#pragma once

#include <functional>
#include <string>
#include <utility>
// Boost 1.74 uses std::exchange without including it under C++20.
#include <boost/asio/posix/stream_descriptor.hpp>

namespace boost::asio {
class io_context;
}

namespace clued::app {

/// Blocks every signal that would end the process and that is not about a fault of its own or about job control: those
/// that the daemon uses wait until the loop takes them, the others are nothing to it. Threads that begin later inherit
/// this, so none of them is ever interrupted. Safe before the libraries are initialized.
void hold_signals() noexcept;
/// For a process that does no more than to check its configuration: it may be interrupted.
void release_signals() noexcept;

class SignalSource {
 public:
  struct Signal {
    int number = 0;
    std::string name;  ///< SIGTERM
    int sender = 0;    ///< process id; 0: the kernel
  };

  /// `take` gets each held signal, those too that came before. Throws std::system_error when there is no descriptor.
  SignalSource(boost::asio::io_context& io, std::function<void(const Signal&)> take);

 private:
  void wait();
  void read();

  boost::asio::posix::stream_descriptor descriptor_;
  std::function<void(const Signal&)> take_;
};

}  // namespace clued::app
