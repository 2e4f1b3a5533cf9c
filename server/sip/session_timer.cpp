#include "sip/session_timer.hpp"

#include <algorithm>

#include "sip/values.hpp"

namespace clued::sip {
namespace {

/// Longer intervals are cut: nobody means a session that is looked after once in a month.
constexpr unsigned long longest_interval = 30UL * 24 * 3600;

std::chrono::seconds to_interval(unsigned long delta) {
  return std::chrono::seconds(static_cast<std::chrono::seconds::rep>(std::min(delta, longest_interval)));
}

std::string session_expires(const focus::SessionTimerFields& fields) {
  if (!fields.expires) return {};
  std::string line = "Session-Expires: " + std::to_string(fields.expires->count());
  if (fields.refresher) line += fields.refresher == focus::SessionRefresher::uac ? ";refresher=uac" : ";refresher=uas";
  return line + "\r\n";
}

}  // namespace

focus::SessionTimerFields session_timer_of(const sip_t& sip) {
  focus::SessionTimerFields fields;
  fields.supported = sip_has_feature(sip.sip_supported, "timer") != 0 || sip_has_feature(sip.sip_require, "timer") != 0;
  if (const sip_session_expires_t* header = sip.sip_session_expires; header != nullptr && header->x_delta > 0) {
    fields.expires = to_interval(header->x_delta);
    const std::string_view refresher = text_or_empty(header->x_refresher);
    if (equal_ignoring_case(refresher, "uac")) fields.refresher = focus::SessionRefresher::uac;
    if (equal_ignoring_case(refresher, "uas")) fields.refresher = focus::SessionRefresher::uas;
  }
  if (sip.sip_min_se != nullptr) fields.min_expires = to_interval(sip.sip_min_se->min_delta);
  return fields;
}

std::string session_timer_request(const focus::SessionTimerFields& fields) {
  std::string lines = session_expires(fields);
  if (fields.min_expires) lines += "Min-SE: " + std::to_string(fields.min_expires->count()) + "\r\n";
  return lines;
}

std::string session_timer_response(const focus::SessionTimerFields& fields) {
  const bool required = fields.supported && fields.refresher == focus::SessionRefresher::uac;
  return session_expires(fields) + (required ? "Require: timer\r\n" : "");
}

std::optional<Refusal> session_timer_refusal(const sip_t& sip, std::chrono::seconds min_expires) {
  const auto fields = session_timer_of(sip);
  if (!fields.supported || !fields.expires || *fields.expires >= min_expires) return std::nullopt;
  return Refusal{422, "Session Interval Too Small", "Min-SE: " + std::to_string(min_expires.count()) + "\r\n",
                 "session interval too small"};
}

}  // namespace clued::sip
