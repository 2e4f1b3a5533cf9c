#include "fuzz_process/clue_grammar.hpp"

#include <cstdlib>

#include "bench/peer_captures.hpp"
#include "clue/codec.hpp"
#include "fuzz_process/mutation.hpp"

namespace clued::fuzz {

namespace {

constexpr std::size_t most_known = 64;

/// [begin, end) of the number in <name>number</name>, whatever the prefix; empty when there is none.
std::pair<std::size_t, std::size_t> number_in(std::string_view message, std::string_view name) {
  const auto at = message.find(std::string(name) + ">");
  if (at == std::string_view::npos) return {0, 0};
  const auto begin = at + name.size() + 1;
  const auto end = message.find('<', begin);
  return {begin, end == std::string_view::npos ? begin : end};
}

std::uint32_t read_number(std::string_view message, std::string_view name) {
  const auto [begin, end] = number_in(message, name);
  return static_cast<std::uint32_t>(std::strtoul(std::string(message.substr(begin, end - begin)).c_str(), nullptr, 10));
}

/// All texts between `begin` and `end`.
std::vector<std::string> texts_between(std::string_view message, std::string_view begin, char end) {
  std::vector<std::string> texts;
  for (auto at = message.find(begin); at != std::string_view::npos && texts.size() < most_known;) {
    const auto from = at + begin.size();
    const auto to = message.find(end, from);
    if (to == std::string_view::npos) break;
    texts.emplace_back(message.substr(from, to - from));
    at = message.find(begin, to);
  }
  return texts;
}

std::string some_id(Random& random, const std::vector<std::string>& known) {
  return known.empty() || random.chance(10) ? "x" + std::to_string(random.below(20)) : random.pick(known);
}

std::string repeated_text(Random& random) {
  return std::string(random.below(random.chance(90) ? 40 : 100'000), random.chance(80) ? 'x' : '&');
}

/// Captures as many as nobody has, groups with as many encodings.
void inflate(Random& random, clue::AdvertisementContent& content) {
  const std::size_t count = 100 + random.below(600);
  const auto model = content.captures.back();
  for (std::size_t i = 0; i < count; ++i) {
    auto one = model;
    one.id = "X" + std::to_string(i);
    content.captures.push_back(std::move(one));
  }
  auto& group = content.encoding_groups.back();
  for (std::size_t i = random.below(3000); i > 0; --i) group.encoding_ids.push_back("g" + std::to_string(i));
  if (random.chance(30)) content.scenes.front().views.front().descriptions = {{"en", repeated_text(random)}};
}

void change_capture(Random& random, clue::AdvertisementContent& content) {
  auto& capture = content.captures[random.below(content.captures.size())];
  switch (random.below(9)) {
    case 0:
      capture.id = random.chance(50) ? content.captures.front().id : odd_text(random);
      break;
    case 1:
      capture.multiple.emplace();
      capture.multiple->content = clue::CaptureContent{{"VC1", "VC2", capture.id}, {"SE1"}};
      capture.multiple->policy = random.chance(50) ? "SoundLevel:0" : "RoundRobin:" + odd_number(random);
      capture.multiple->max_captures = clue::MaxCaptures{static_cast<std::uint16_t>(random.next()), random.chance(50)};
      break;
    case 2:
      capture.encoding_group_id = random.chance(50) ? "EG-A" : odd_text(random);
      break;
    case 3:
      capture.person_ids.assign(random.below(20), "PER1");
      break;
    case 4:
      capture.descriptions = {{"en", repeated_text(random)}};
      break;
    case 5:
      capture.media_type = odd_text(random);
      break;
    case 6:
      capture.scene_id = random.chance(50) ? "CS2" : odd_text(random);
      break;
    case 7:
      capture.presentation = random.chance(50) ? "slides" : odd_text(random);
      break;
    default:
      capture.related_to = random.chance(50) ? "VC1" : odd_text(random);
  }
}

void change(Random& random, clue::AdvertisementContent& content) {
  switch (random.below(7)) {
    case 0:
      content.simultaneous_sets.push_back({"SS" + std::to_string(random.below(3)),
                                           std::nullopt,
                                           {"VC1", random.chance(70) ? "VC2" : odd_text(random)},
                                           {"SE1"},
                                           {}});
      break;
    case 1:
      content.global_views.push_back(
          {"GV" + std::to_string(random.below(3)), {"SE1", random.chance(70) ? "SE2" : "SE9"}});
      break;
    case 2:
      content.scenes.front().views.push_back(
          {"SE" + std::to_string(random.below(5)), {}, {random.chance(70) ? "VC1" : "V9"}});
      break;
    case 3:
      content.encoding_groups.front().max_bandwidth = random.next();
      break;
    case 4:
      content.people.push_back({"PER" + std::to_string(random.below(3)), clue::PersonCard{repeated_text(random)}, {}});
      break;
    case 5:
      if (random.chance(20)) inflate(random, content);
      break;
    default:
      change_capture(random, content);
  }
}

clue::AdvertisementContent some_content(Random& random) {
  if (random.chance(5)) return {};
  auto content = bench::room_captures("fuzz", 1 + static_cast<unsigned>(random.below(4)));
  for (std::size_t i = random.below(5); i > 0; --i) change(random, content);
  return content;
}

clue::Configure some_configure(Random& random, const ClueNews& news) {
  clue::Configure configure;
  configure.advertisement_sequence =
      random.chance(90) ? news.advertisement() : static_cast<std::uint32_t>(random.next());
  if (random.chance(30)) configure.ack = static_cast<clue::ResponseCode>(random.chance(80) ? 200 : random.below(1000));
  for (std::size_t i = random.below(random.chance(97) ? 6 : 2000); i > 0; --i) {
    clue::CaptureEncoding one{"ce" + std::to_string(random.chance(95) ? i : 0), some_id(random, news.captures()),
                              some_id(random, news.encodings()), std::nullopt};
    if (random.chance(20)) one.configured_content = clue::CaptureContent{{some_id(random, news.captures())}, {"SE1"}};
    configure.encodings.push_back(std::move(one));
  }
  return configure;
}

clue::Message some_message(Random& random, const ClueNews& news) {
  const auto code = static_cast<clue::ResponseCode>(random.chance(60) ? 200 : random.below(1000));
  switch (random.below(10)) {
    case 0: {
      clue::Options options{{}, random.chance(90), random.chance(90), {}, {}};
      for (std::size_t i = random.below(3); i > 0; --i)
        options.supported_versions.push_back({1, static_cast<std::uint32_t>(i)});
      return options;
    }
    case 1:
      return clue::OptionsResponse{{}, code, std::nullopt, random.chance(90), random.chance(90), clue::own_version, {}};
    case 2:
    case 3:
      return clue::Ack{{}, code, odd_text(random), random.chance(90) ? news.advertisement() : news.request() + 1};
    case 4:
      return clue::ConfigureResponse{{}, code, std::nullopt, random.chance(90) ? news.request() : 0};
    case 5:
    case 6:
    case 7:
      return some_configure(random, news);
    default:
      return clue::Advertisement{{}, some_content(random)};
  }
}

}  // namespace

void ClueNews::read(std::string_view message) {
  request_ = read_number(message, "sequenceNr");
  if (message.find("mediaCaptures>") == std::string_view::npos) return;
  advertisement_ = request_;
  captures_ = texts_between(message, "captureID=\"", '"');
  encodings_ = texts_between(message, "encodingID>", '<');
}

std::string clue_message(Random& random, std::uint32_t sequence, const ClueNews& news) {
  auto message = some_message(random, news);
  std::visit(
      [&](auto& one) {
        one.header.sequence = random.chance(97) ? sequence : static_cast<std::uint32_t>(random.next());
        if (random.chance(3)) one.header.version = {static_cast<std::uint32_t>(random.below(4)), 7};
        one.header.clue_id = random.chance(90) ? "fuzz" : odd_text(random);
      },
      message);
  auto text = clue::encode(message);
  if (random.chance(25)) text = spoiled_text(random, std::move(text));
  if (random.chance(3)) text = spoiled_octets(random, std::move(text));
  return text;
}

void SequenceShift::outgoing(std::string& message) {
  const auto [begin, end] = number_in(message, "sequenceNr");
  if (begin == end) return;
  own_[next()] = read_number(message, "sequenceNr");
  if (own_.size() > most_known) own_.erase(own_.begin());
  message.replace(begin, end - begin, std::to_string(last_));
}

void SequenceShift::incoming(std::string& message) const {
  const char* const name = message.find("confSequenceNr>") != std::string::npos ? "confSequenceNr"
                           : message.find("<ack") != std::string::npos          ? "advSequenceNr"
                                                                                : "";
  const auto [begin, end] = number_in(message, name);
  const auto found = own_.find(read_number(message, name));
  if (begin != end && found != own_.end()) message.replace(begin, end - begin, std::to_string(found->second));
}

}  // namespace clued::fuzz
