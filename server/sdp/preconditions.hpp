// Preconditions (RFC 3312, RFC 4032): what has to be reserved before a session may go on, as the lines a=curr, a=des
// and a=conf of an m-line say it. The focus has no access network: on its own side there is nothing to reserve, and
// what is desired of it is met from the start. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sdp/session_description.hpp"

namespace clued::sdp {

/// One status-type of a precondition. Directions are seen from whoever writes the description; inactive: none.
struct PreconditionStatus {
  Direction current = Direction::inactive;
  Direction mandatory = Direction::inactive;  ///< desired, with this strength
  Direction optional = Direction::inactive;
  Direction confirm = Direction::inactive;  ///< of which the other side is asked to tell when they are there (a=conf)
  bool operator==(const PreconditionStatus&) const = default;
};

/// What is said of one precondition-type, such as "qos". Resources are counted from end to end, or on the side of the
/// writer (local) and on the other one (remote).
struct Precondition {
  std::string type;
  std::optional<PreconditionStatus> end_to_end;
  std::optional<PreconditionStatus> local;
  std::optional<PreconditionStatus> remote;
  bool operator==(const Precondition&) const = default;
};
using Preconditions = std::vector<Precondition>;

struct PreconditionLines {
  Preconditions preconditions;  ///< in the order of their first mention
  bool has_unreadable = false;  ///< a line is not of RFC 3312's grammar: it is left out
  bool has_too_many = false;    ///< more types than anybody registered: the rest is left out
};

PreconditionLines read_preconditions(const MediaDescription& line);
/// The lines again: of each type first what is, then what is desired, then what is to be confirmed.
std::vector<Attribute> lines_of(const Preconditions& preconditions);

/// What an offered m-line's preconditions are answered with.
struct PreconditionAnswer {
  Preconditions said;  ///< seen from us; asks for confirmation of what is mandatory and not there yet
  /// The lines of a 580 (RFC 3312 sections 7 and 8): what nobody can meet, because it is of an unknown type and not the
  /// peer's alone, or a reservation from end to end, of which one end would be ours. Empty: the offer can be answered.
  std::vector<Attribute> failures;
};
PreconditionAnswer answer_preconditions(const Preconditions& offered);

/// Nothing mandatory is missing.
bool are_met(const Preconditions& preconditions);
/// What is missing, as the lines of a 580.
std::vector<Attribute> unmet_lines(const Preconditions& preconditions);

/// What the description in somebody else's 580 says of the reasons, for the log: "m-line 1: qos failure local
/// sendrecv".
std::string failures_in(const SessionDescription& refusal);

/// For an offer of ours: our side is there. The strength `optional` asks for nothing that a callee would have to wait
/// for, and lets it say what it has to wait for itself (RFC 3312 section 11: no Require).
Precondition offered_precondition();
/// Whether an answer asks to be told of our resources.
bool asks_for_confirmation(const Preconditions& answered);
/// An offer says what is, and asks for nothing that no answer has made necessary.
void forget_confirmation(Preconditions& preconditions);

}  // namespace clued::sdp
