#include "sdp/preconditions.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "sdp/slots.hpp"
#include "sdp/text.hpp"

namespace clued::sdp {
namespace {

constexpr std::string_view quality_of_service = "qos";
/// Registered are qos, sec (RFC 5027) and conn (RFC 5898).
constexpr std::size_t max_types = 4;
constexpr std::size_t longest_type = 32;

bool is_known(const Precondition& one) { return one.type == quality_of_service; }

Direction direction(bool send, bool receive) noexcept {
  if (send) return receive ? Direction::sendrecv : Direction::sendonly;
  return receive ? Direction::recvonly : Direction::inactive;
}

Direction both(Direction a, Direction b) noexcept {
  return direction(sends(a) || sends(b), receives(a) || receives(b));
}

Direction without(Direction a, Direction b) noexcept {
  return direction(sends(a) && !sends(b), receives(a) && !receives(b));
}

Direction missing(const PreconditionStatus& status) noexcept { return without(status.mandatory, status.current); }

constexpr std::array<std::pair<std::string_view, Direction>, 4> direction_tags{{{"none", Direction::inactive},
                                                                                {"send", Direction::sendonly},
                                                                                {"recv", Direction::recvonly},
                                                                                {"sendrecv", Direction::sendrecv}}};

std::optional<Direction> read_direction(std::string_view tag) {
  for (const auto& [name, direction] : direction_tags) {
    if (equal_ignoring_case(tag, name)) return direction;
  }
  return std::nullopt;
}

std::string tag_of(Direction direction) {
  for (const auto& [name, one] : direction_tags) {
    if (one == direction) return std::string(name);
  }
  return "none";
}

std::optional<PreconditionStatus>* status_of(Precondition& one, std::string_view status_type) {
  if (equal_ignoring_case(status_type, "e2e")) return &one.end_to_end;
  if (equal_ignoring_case(status_type, "local")) return &one.local;
  if (equal_ignoring_case(status_type, "remote")) return &one.remote;
  return nullptr;
}

class Reader {
 public:
  PreconditionLines run(const MediaDescription& line) {
    for (const Attribute& attribute : line.attributes) {
      if (attribute.name == "curr" || attribute.name == "conf") {
        read_status(attribute);
      } else if (attribute.name == "des") {
        read_desired(attribute);
      }
    }
    return std::move(result_);
  }

 private:
  /// precondition-type SP status-type SP direction-tag
  void read_status(const Attribute& attribute) {
    const auto parts = fields(attribute.text());
    const auto said = parts.size() == 3 ? read_direction(parts[2]) : std::nullopt;
    if (!said) {
      result_.has_unreadable = true;
      return;
    }
    PreconditionStatus* status = find(parts[0], parts[1]);
    if (status == nullptr) return;
    Direction& place = attribute.name == "curr" ? status->current : status->confirm;
    place = both(place, *said);
  }

  /// precondition-type SP strength-tag SP status-type SP direction-tag. Each direction can have a strength of its own;
  /// of two that are said of one direction the stronger counts. `failure` and `unknown` belong into a 580.
  void read_desired(const Attribute& attribute) {
    const auto parts = fields(attribute.text());
    const auto said = parts.size() == 4 ? read_direction(parts[3]) : std::nullopt;
    const bool is_mandatory = said && equal_ignoring_case(parts[1], "mandatory");
    const bool is_optional = said && equal_ignoring_case(parts[1], "optional");
    if (!is_mandatory && !is_optional && !(said && equal_ignoring_case(parts[1], "none"))) {
      result_.has_unreadable = true;
      return;
    }
    PreconditionStatus* status = find(parts[0], parts[2]);
    if (status == nullptr) return;
    if (is_mandatory) status->mandatory = both(status->mandatory, *said);
    if (is_optional) status->optional = both(status->optional, *said);
    status->optional = without(status->optional, status->mandatory);
  }

  PreconditionStatus* find(std::string_view type, std::string_view status_type) {
    Precondition fresh;
    if (type.size() > longest_type || !is_token(type) || status_of(fresh, status_type) == nullptr) {
      result_.has_unreadable = true;
      return nullptr;
    }
    auto& known = result_.preconditions;
    auto found =
        std::find_if(known.begin(), known.end(), [name = lower(type)](const auto& one) { return one.type == name; });
    if (found == known.end()) {
      if (known.size() == max_types) {
        result_.has_too_many = true;
        return nullptr;
      }
      fresh.type = lower(type);
      found = known.insert(known.end(), std::move(fresh));
    }
    auto& status = *status_of(*found, status_type);
    if (!status) status.emplace();
    return &*status;
  }

  PreconditionLines result_;
};

/// The same status as the other side writes it.
PreconditionStatus seen_from_the_other_side(const std::optional<PreconditionStatus>& status) {
  if (!status) return {};
  return {reversed(status->current), reversed(status->mandatory), reversed(status->optional), Direction::inactive};
}

using Statuses = std::array<std::pair<std::string_view, const std::optional<PreconditionStatus>*>, 3>;

Statuses statuses_of(const Precondition& one) {
  return {{{"e2e", &one.end_to_end}, {"local", &one.local}, {"remote", &one.remote}}};
}

Attribute desired_line(const std::string& type, std::string_view strength, std::string_view status_type,
                       Direction direction) {
  return {"des", type + ' ' + std::string(strength) + ' ' + std::string(status_type) + ' ' + tag_of(direction)};
}

void add_desired(std::vector<Attribute>& lines, const std::string& type, std::string_view status_type,
                 const PreconditionStatus& status) {
  const Direction rest = without(Direction::sendrecv, both(status.mandatory, status.optional));
  for (const auto& [strength, said] : {std::pair<std::string_view, Direction>{"mandatory", status.mandatory},
                                       {"optional", status.optional},
                                       {"none", rest}}) {
    if (said != Direction::inactive) lines.push_back(desired_line(type, strength, status_type, said));
  }
}

Precondition answer_to(const Precondition& offered) {
  Precondition answer;
  answer.type = offered.type;
  if (offered.end_to_end) answer.end_to_end = seen_from_the_other_side(offered.end_to_end);
  if (offered.local || offered.remote) {
    answer.local = seen_from_the_other_side(offered.remote);
    if (is_known(offered)) answer.local->current = Direction::sendrecv;
    answer.remote = seen_from_the_other_side(offered.local);
    answer.remote->confirm = missing(*answer.remote);
  }
  return answer;
}

/// Something is mandatory that the peer cannot meet alone.
void add_failures(const Precondition& answer, std::vector<Attribute>& failures) {
  const auto add = [&](std::string_view strength, std::string_view status_type, Direction direction) {
    if (direction != Direction::inactive) {
      failures.push_back(desired_line(answer.type, strength, status_type, direction));
    }
  };
  if (is_known(answer)) {
    if (answer.end_to_end) add("failure", "e2e", missing(*answer.end_to_end));
    return;
  }
  if (answer.end_to_end) add("unknown", "e2e", answer.end_to_end->mandatory);
  if (answer.local) add("unknown", "local", answer.local->mandatory);
}

bool has_mandatory(const Precondition& one) {
  for (const auto& [name, status] : statuses_of(one)) {
    if (*status && (*status)->mandatory != Direction::inactive) return true;
  }
  return false;
}

}  // namespace

PreconditionLines read_preconditions(const MediaDescription& line) { return Reader().run(line); }

std::vector<Attribute> lines_of(const Preconditions& preconditions) {
  std::vector<Attribute> lines;
  for (const Precondition& one : preconditions) {
    const auto statuses = statuses_of(one);
    for (const auto& [name, status] : statuses) {
      if (*status) lines.push_back({"curr", one.type + ' ' + std::string(name) + ' ' + tag_of((*status)->current)});
    }
    for (const auto& [name, status] : statuses) {
      if (*status) add_desired(lines, one.type, name, **status);
    }
    for (const auto& [name, status] : statuses) {
      if (!*status || (*status)->confirm == Direction::inactive) continue;
      lines.push_back({"conf", one.type + ' ' + std::string(name) + ' ' + tag_of((*status)->confirm)});
    }
  }
  return lines;
}

PreconditionAnswer answer_preconditions(const Preconditions& offered) {
  PreconditionAnswer result;
  for (const Precondition& one : offered) {
    // Of an unknown type that nobody has to wait for there is nothing to say.
    if (!is_known(one) && !has_mandatory(one)) continue;
    Precondition answer = answer_to(one);
    add_failures(answer, result.failures);
    result.said.push_back(std::move(answer));
  }
  return result;
}

bool are_met(const Preconditions& preconditions) { return unmet_lines(preconditions).empty(); }

std::vector<Attribute> unmet_lines(const Preconditions& preconditions) {
  std::vector<Attribute> lines;
  for (const Precondition& one : preconditions) {
    for (const auto& [name, status] : statuses_of(one)) {
      if (!*status || missing(**status) == Direction::inactive) continue;
      lines.push_back(desired_line(one.type, "failure", name, missing(**status)));
    }
  }
  return lines;
}

std::string failures_in(const SessionDescription& refusal) {
  std::string text;
  for (std::size_t i = 0; i < refusal.media.size(); ++i) {
    for (const Attribute& attribute : refusal.media[i].attributes) {
      const auto parts = fields(attribute.text());
      if (attribute.name != "des" || parts.size() != 4 || parts[0].size() > longest_type || !is_token(parts[0]))
        continue;
      const bool is_failure = equal_ignoring_case(parts[1], "failure");
      const auto direction = read_direction(parts[3]);
      Precondition known;
      if ((!is_failure && !equal_ignoring_case(parts[1], "unknown")) || !direction || !status_of(known, parts[2]))
        continue;
      // One for each m-line is enough to know what to look at.
      const auto line = desired_line(lower(parts[0]), is_failure ? "failure" : "unknown", lower(parts[2]), *direction);
      text += (text.empty() ? "m-line " : "; m-line ") + std::to_string(i + 1) + ": " + std::string(line.text());
      break;
    }
  }
  return text;
}

Precondition offered_precondition() {
  Precondition one;
  one.type = quality_of_service;
  one.local = PreconditionStatus{Direction::sendrecv, Direction::inactive, Direction::sendrecv, Direction::inactive};
  one.remote.emplace();
  return one;
}

bool asks_for_confirmation(const Preconditions& answered) {
  return std::any_of(answered.begin(), answered.end(), [](const Precondition& one) {
    return is_known(one) && one.remote && one.remote->confirm != Direction::inactive;
  });
}

void forget_confirmation(Preconditions& preconditions) {
  for (Precondition& one : preconditions) {
    for (auto* status : {&one.end_to_end, &one.local, &one.remote}) {
      if (*status) (*status)->confirm = Direction::inactive;
    }
  }
}

}  // namespace clued::sdp
