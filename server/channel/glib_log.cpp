#include "channel/glib_log.hpp"

#include <glib.h>

#include <utility>

#include "channel/records.hpp"

namespace clued::channel {

struct GlibLog::Handler {
  base::RecordSink log;
  GThread* thread;  ///< records are written by the loop alone

  static void write(const gchar* domain, GLogLevelFlags level, const gchar* message, gpointer data) noexcept {
    const auto& self = *static_cast<const Handler*>(data);
    // The end of the process: said as GLib says it, whatever it takes.
    if ((level & (G_LOG_FLAG_FATAL | G_LOG_FLAG_RECURSION)) != 0)
      g_log_default_handler(domain, level, message, nullptr);
    if (self.thread != g_thread_self()) return;
    self.log({&record::channel_library_said,
              {{"library", domain == nullptr ? "" : domain}, {"text", message == nullptr ? "" : message}}});
  }
};

GlibLog::GlibLog(base::RecordSink log) : handler_(new Handler{std::move(log), g_thread_self()}) {
  g_log_set_default_handler(Handler::write, handler_.get());
}

// There is one for the process; without it the library speaks for itself again.
GlibLog::~GlibLog() { g_log_set_default_handler(g_log_default_handler, nullptr); }

}  // namespace clued::channel
