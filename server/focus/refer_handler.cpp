#include "focus/refer_handler.hpp"

#include <utility>

#include "event_package/conference_notifier.hpp"
#include "focus/records.hpp"

namespace clued::focus {

namespace {

void log(const ReferHandler::Refer& refer, const base::RecordKind& kind, std::vector<base::Field> fields,
         const Turn& turn) {
  base::Record record{&kind, {{"conference", refer.conference}, {"call_id", refer.call_id}, {"op", refer.operation}}};
  record.fields.insert(record.fields.end(), fields.begin(), fields.end());
  turn.emit(command::Log{std::move(record)});
}

}  // namespace

void ReferHandler::open(Refer refer, const Turn& turn) {
  switch (refer.mode) {
    case NotifyMode::progress_and_result:
      if (!refer.awaited.empty() || refer.called) notify(refer, {100, "Trying"}, false, turn);
      break;
    case NotifyMode::trying_once:
      notify(refer, {100, "Trying"}, true, turn);
      break;
    case NotifyMode::silent:
      turn.emit(command::ForgetSubscription{refer.subscription});
      break;
  }
  if (refer.awaited.empty() && !refer.called) return conclude(refer, turn);
  services_.routes.subscriptions.emplace(refer.subscription, conference_);
  services_.refers.add(refer.subscription, refer.account, true);
  refers_.push_back(std::move(refer));
}

template <class IsDone>
void ReferHandler::conclude_if(IsDone is_done, const Turn& turn) {
  std::vector<Refer> done;
  std::erase_if(refers_, [&](Refer& refer) {
    if (!is_done(refer)) return false;
    done.push_back(std::move(refer));
    return true;
  });
  for (const auto& refer : done) {
    services_.refers.remove(refer.subscription);
    services_.routes.subscriptions.erase(refer.subscription);
    conclude(refer, turn);
  }
}

void ReferHandler::dialog_over(ParticipantId target, const Turn& turn) {
  conclude_if([&](Refer& refer) { return refer.awaited.erase(target) > 0 && refer.awaited.empty(); }, turn);
}

void ReferHandler::progressed(ParticipantId called, const StatusLine& line, const Turn& turn) {
  for (const auto& refer : refers_) {
    if (refer.called == called && refer.mode == NotifyMode::progress_and_result) notify(refer, line, false, turn);
  }
}

void ReferHandler::concluded(ParticipantId called, const StatusLine& line, const Turn& turn) {
  conclude_if(
      [&](Refer& refer) {
        if (refer.called != called) return false;
        refer.result = line;
        return true;
      },
      turn);
}

void ReferHandler::notify_answered(const event::NotifyAnswered& answered, const Turn& turn) {
  for (auto& refer : refers_) {
    if (refer.subscription != answered.subscription) continue;
    if (answered.status < 300) {
      refer.failures = 0;
    } else if (event_package::ends_subscription(answered.status) ||
               ++refer.failures == event_package::max_notify_failures) {
      refer.mode = NotifyMode::silent;
      // sip/ knows itself when nobody is there any more.
      const bool is_known = answered.status == 481 || answered.status == 408;
      if (!is_known) turn.emit(command::ForgetSubscription{refer.subscription});
    }
  }
}

std::size_t ReferHandler::open_of(const Account& account) const { return services_.refers.held_by(account); }

void ReferHandler::conclude(const Refer& refer, const Turn& turn) {
  if (refer.mode == NotifyMode::progress_and_result) notify(refer, refer.result, true, turn);
  log(refer, record::refer_concluded, {{"status", refer.result.status}}, turn);
}

void ReferHandler::notify(const Refer& refer, const StatusLine& line, bool terminated, const Turn& turn) const {
  turn.emit(command::NotifyRefer{refer.subscription, line.status, line.phrase, terminated});
  log(refer, record::refer_notified, {{"status", line.status}, {"terminated", terminated}}, turn);
}

NotifyMode notify_mode(FinalNotify setting, const event::ReferReceived& refer, bool referrer_is_aware) {
  if (refer.refer_sub == false) return NotifyMode::silent;
  switch (setting) {
    case FinalNotify::rfc3515:
      return NotifyMode::progress_and_result;
    case FinalNotify::trying:
      return NotifyMode::trying_once;
    case FinalNotify::none:
      return NotifyMode::silent;
    case FinalNotify::automatic:
      break;
  }
  // An invitation that succeeds is what a referrer waits for; only a removal is taken for the end of its own call.
  if (refer.refer_to.method != "BYE") return NotifyMode::progress_and_result;
  const bool out_of_dialog = !refer.dialog.has_value();
  return out_of_dialog || referrer_is_aware ? NotifyMode::progress_and_result : NotifyMode::trying_once;
}

}  // namespace clued::focus
