// What Sofia-SIP keeps per process: initialisation, its clock hook and its log. Private to server/sip.
#pragma once

#include <memory>

#include "base/record.hpp"

namespace clued::sip {

/// The owner of the library's globals. All agents of a process share one (tests have several).
class Library {
 public:
  static std::shared_ptr<Library> acquire();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library();

  /// Where the library's own log lines go, at most `lines_per_second` of them: a flood of ICMP errors is somebody
  /// else's doing and must stay cheap. `owner` tells who sets and who may unset it.
  void set_log(const void* owner, base::RecordSink log);
  void unset_log(const void* owner);

 private:
  Library();
};

}  // namespace clued::sip
