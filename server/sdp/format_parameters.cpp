#include "sdp/format_parameters.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

#include "sdp/h264.hpp"
#include "sdp/text.hpp"

namespace clued::sdp {
namespace {

/// More than any payload format has.
constexpr std::size_t max_parameters = 64;

/// `name=value;name=value` in its order. What has no name, such as `0-15` or `96/97`, is a value alone.
class Parameters {
 public:
  explicit Parameters(std::string_view text) {
    while (!text.empty() && items_.size() < max_parameters) {
      const std::size_t end = std::min(text.find(';'), text.size());
      const std::string_view item = trimmed(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      if (item.empty()) continue;
      const std::size_t equals = std::min(item.find('='), item.size());
      if (equals == item.size()) {
        items_.emplace_back("", item);
      } else {
        items_.emplace_back(trimmed(item.substr(0, equals)), trimmed(item.substr(equals + 1)));
      }
    }
  }

  std::optional<std::string_view> value(std::string_view name) const {
    const auto found = std::find_if(items_.begin(), items_.end(),
                                    [&](const auto& item) { return equal_ignoring_case(item.first, name); });
    return found == items_.end() ? std::nullopt : std::optional<std::string_view>(found->second);
  }

  void set(std::string_view name, std::string value) {
    for (auto& item : items_) {
      if (equal_ignoring_case(item.first, name)) {
        item.second = std::move(value);
        return;
      }
    }
    items_.emplace_back(name, std::move(value));
  }

  void remove(std::string_view name) {
    std::erase_if(items_, [&](const auto& item) { return equal_ignoring_case(item.first, name); });
  }

  std::string text() const {
    std::string text;
    for (const auto& [name, value] : items_) {
      if (!text.empty()) text += ';';
      if (!name.empty()) text += name + '=';
      text += value;
    }
    return text;
  }

 private:
  std::vector<std::pair<std::string, std::string>> items_;
};

/// A parameter that both sides use alike: the answer repeats it, or does without the format.
struct Symmetric {
  std::string_view encoding;
  std::string_view name;
  std::string_view unsaid;         ///< its value where it is left out; "": none
  bool answer_may_add_it = false;  ///< an offer without it leaves it to the answer
};

constexpr std::array symmetric{
    Symmetric{"H265", "profile-space", "0"},  // RFC 7798 section 7.2.2
    Symmetric{"H265", "profile-id", "1"},
    Symmetric{"H265", "interop-constraints", "B00000000000"},
    Symmetric{"H265", "tx-mode", "SRST"},
    Symmetric{"VP9", "profile-id", "0"},  // RFC 9628 section 6.1.1
    Symmetric{"AV1", "profile", "0"},
    Symmetric{"AMR", "octet-align", "0"},  // RFC 4867 section 8.3.1
    Symmetric{"AMR", "crc", "0"},
    Symmetric{"AMR", "robust-sorting", "0"},
    Symmetric{"AMR", "interleaving", ""},
    Symmetric{"AMR", "mode-set", "", true},
    Symmetric{"AMR-WB", "octet-align", "0"},
    Symmetric{"AMR-WB", "crc", "0"},
    Symmetric{"AMR-WB", "robust-sorting", "0"},
    Symmetric{"AMR-WB", "interleaving", ""},
    Symmetric{"AMR-WB", "mode-set", "", true},
    Symmetric{"G7221", "bitrate", ""},  // RFC 5577 section 5.1.1
};

/// One of two values counts for both sides if either says it.
struct Prevailing {
  std::string_view encoding;
  std::string_view name;
  std::string_view unsaid;
  std::string_view stronger;
};

constexpr std::array prevailing{
    Prevailing{"G729", "annexb", "yes", "no"},                                          // RFC 7261 section 3.1
    Prevailing{"G723", "annexa", "yes", "no"}, Prevailing{"iLBC", "mode", "30", "30"},  // RFC 3952 section 5
};

/// A list of numbers in whatever order and spacing.
std::string sorted_list(std::string_view list) {
  std::set<std::string_view> items;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    items.insert(trimmed(list.substr(0, end)));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  std::string text;
  for (const std::string_view item : items) text.append(item).append(",");
  return text;
}

bool is_same_value(std::string_view a, std::string_view b) {
  return equal_ignoring_case(a, b) || sorted_list(a) == sorted_list(b);
}

bool take_symmetric(const Symmetric& rule, const Parameters& offered, Parameters& answer) {
  const auto said = offered.value(rule.name);
  const auto own = answer.value(rule.name);
  if (own && !(rule.answer_may_add_it && !said) && !is_same_value(said.value_or(rule.unsaid), *own)) return false;
  if (said) {
    answer.set(rule.name, std::string(*said));
  } else if (!rule.answer_may_add_it) {
    answer.remove(rule.name);  // it goes without saying, as in the offer
  }
  return true;
}

void take_prevailing(const Prevailing& rule, const Parameters& offered, Parameters& answer) {
  const auto said = offered.value(rule.name);
  const auto own = answer.value(rule.name);
  if (!said && !own) return;
  const bool is_stronger = equal_ignoring_case(said.value_or(rule.unsaid), rule.stronger) ||
                           (own && equal_ignoring_case(*own, rule.stronger));
  if (is_stronger) {
    answer.set(rule.name, std::string(rule.stronger));
  } else if (!own) {
    answer.set(rule.name, std::string(*said));
  }
}

/// RFC 6184 section 8.2.2: profile and packetization mode are symmetric, the level may be lowered.
bool take_h264(const Parameters& offered, Parameters& answer) {
  const auto mode = number<unsigned>(offered.value("packetization-mode").value_or("0"));
  const auto own_mode = answer.value("packetization-mode");
  const unsigned most = own_mode ? number<unsigned>(*own_mode).value_or(0) : 1;
  // Who can do non-interleaved mode can do single NAL units; interleaved mode is something else.
  if (!mode || *mode > 2 || (*mode == 2) != (most == 2) || *mode > most) return false;
  const auto said = offered.value("profile-level-id");
  const auto own = answer.value("profile-level-id");
  const bool levels_may_differ = offered.value("level-asymmetry-allowed") == std::optional<std::string_view>("1") &&
                                 answer.value("level-asymmetry-allowed") == std::optional<std::string_view>("1");
  if (own) {
    const auto profile = said ? H264Profile::from(*said) : H264Profile::unsaid();
    const auto own_profile = H264Profile::from(*own);
    if (!profile || !own_profile) return false;
    const auto common = common_profile(*profile, *own_profile, levels_may_differ);
    if (!common) return false;
    answer.set("profile-level-id", common->to_string());
  } else if (said) {
    answer.set("profile-level-id", std::string(*said));
  }
  if (*mode == 0) {
    answer.remove("packetization-mode");
  } else {
    answer.set("packetization-mode", std::to_string(*mode));
  }
  if (!levels_may_differ) answer.remove("level-asymmetry-allowed");
  return true;
}

/// RFC 7798 section 7.2.2: the answer may lower tier and level.
void take_h265_level(const Parameters& offered, Parameters& answer) {
  constexpr unsigned level_3_1 = 93;
  const auto take_lower = [&](std::string_view name, unsigned unsaid) {
    const auto said = offered.value(name);
    const auto own = answer.value(name);
    if (!said && !own) return;
    const unsigned offered_value = number<unsigned>(said.value_or("")).value_or(unsaid);
    const unsigned own_value = own ? number<unsigned>(*own).value_or(unsaid) : offered_value;
    answer.set(name, std::to_string(std::min(offered_value, own_value)));
  };
  take_lower("tier-flag", 0);
  take_lower("level-id", level_3_1);
}

std::string_view name_of(std::string_view encoding) { return encoding.substr(0, encoding.find('/')); }

bool is_named(std::string_view encoding, std::string_view name) { return equal_ignoring_case(name_of(encoding), name); }

}  // namespace

std::optional<std::string> answered_parameters(std::string_view encoding, std::string_view offered,
                                               std::string_view ours) {
  const Parameters said(offered);
  Parameters answer(ours);
  for (const Symmetric& rule : symmetric) {
    if (is_named(encoding, rule.encoding) && !take_symmetric(rule, said, answer)) return std::nullopt;
  }
  for (const Prevailing& rule : prevailing) {
    if (is_named(encoding, rule.encoding)) take_prevailing(rule, said, answer);
  }
  if (is_named(encoding, "H264") && !take_h264(said, answer)) return std::nullopt;
  if (is_named(encoding, "H265")) take_h265_level(said, answer);
  if (refers_to_others(encoding)) return std::string(offered);  // in the offer's numbers, which are the answer's too
  return answer.text();
}

bool refers_to_others(std::string_view encoding) { return is_named(encoding, "rtx") || is_named(encoding, "red"); }

bool names_only(std::string_view encoding, std::string_view parameters,
                const std::function<bool(std::string_view)>& is_there) {
  if (is_named(encoding, "rtx")) {
    const Parameters said(parameters);
    const auto repaired = said.value("apt");
    return repaired && is_there(*repaired);
  }
  std::string_view rest = trimmed(parameters);  // RFC 2198 section 5
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    if (!is_there(rest.substr(0, end))) return false;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return true;
}

}  // namespace clued::sdp
