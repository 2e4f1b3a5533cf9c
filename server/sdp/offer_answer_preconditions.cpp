// What a session's preconditions come to, and what is said when they cannot be met.
#include <algorithm>
#include <utility>

#include "sdp/describe.hpp"
#include "sdp/offer_answer.hpp"

namespace clued::sdp {

bool OfferAnswer::has_preconditions() const noexcept {
  return std::any_of(signalled_.slots.begin(), signalled_.slots.end(),
                     [](const Slot& slot) { return !slot.preconditions.empty(); });
}

bool OfferAnswer::preconditions_are_met() const {
  return std::all_of(signalled_.slots.begin(), signalled_.slots.end(),
                     [](const Slot& slot) { return are_met(slot.preconditions); });
}

std::string OfferAnswer::describe_unmet() const {
  std::vector<std::vector<Attribute>> failures;
  for (const Slot& slot : signalled_.slots) failures.push_back(unmet_lines(slot.preconditions));
  return serialize(describe_failure(signalled_.slots, std::move(failures), *media_,
                                    origin_ ? *origin_ : origin_of(signalled_.family)));
}

std::optional<OfferError> OfferAnswer::precondition_failure(const Review& review) const {
  const auto first = std::find_if(review.lines.begin(), review.lines.end(),
                                  [](const ReviewedLine& line) { return !line.failures.empty(); });
  if (first == review.lines.end()) return std::nullopt;
  std::string reason =
      "m-line " + std::to_string(first - review.lines.begin() + 1) + ": " + std::string(first->failures.front().text());
  std::vector<Slot> slots;
  std::vector<std::vector<Attribute>> failures;
  for (const ReviewedLine& line : review.lines) {
    slots.push_back(line.slot);
    failures.push_back(line.failures);
  }
  const Origin origin = origin_ ? *origin_ : origin_of(review.family);
  return OfferError{580, std::move(reason), serialize(describe_failure(slots, std::move(failures), *media_, origin))};
}

}  // namespace clued::sdp
