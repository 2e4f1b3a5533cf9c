// What GLib and libnice have to say: records instead of lines on standard error, which could be a pipe that nobody
// reads and would stop the loop. Private to server/channel.
#pragma once

#include <memory>

#include "base/record.hpp"

namespace clued::channel {

/// Takes the default log handler of the process, until it is destroyed or another one takes it.
class GlibLog {
 public:
  explicit GlibLog(base::RecordSink log);
  GlibLog(const GlibLog&) = delete;
  GlibLog& operator=(const GlibLog&) = delete;
  ~GlibLog();

 private:
  struct Handler;
  std::unique_ptr<Handler> handler_;
};

}  // namespace clued::channel
