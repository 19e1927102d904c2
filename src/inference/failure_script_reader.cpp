#include "inference/failure_script_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <map>

#include "core/error.hpp"
#include "core/spelling.hpp"
#include "inference/failure_script_words.hpp"
#include "inference/node_links.hpp"

namespace deepfog {
namespace {

/// The form of a statement. `time`: the keyword before its time; empty if the statement has none.
struct Form {
  FailureKind kind;
  std::string word;
  bool link, one_round;
  std::string time;
  std::string text;
};
const Form kForms[] = {
    {FailureKind::silence, "silence", false, false, "", "silence NODE rounds N..M"},
    {FailureKind::crash, "crash", false, true, "", "crash NODE round N"},
    {FailureKind::hang, "hang", false, true, "for", "hang NODE round N for TIME"},
    {FailureKind::slow, "slow", false, false, "by", "slow NODE rounds N..M by TIME"},
    {FailureKind::lose, "lose", true, false, "", "lose FROM->TO rounds N..M [with PROBABILITY]"},
    {FailureKind::delay, "delay", true, false, "by", "delay FROM->TO rounds N..M by TIME [with PROBABILITY]"},
};

const Form& form_of(const Statement& statement) {
  std::vector<std::string> words = {"seed"};
  for (const Form& form : kForms) {
    if (form.word == statement.words[0]) return form;
    words.push_back(form.word);
  }
  throw UserError(statement.where,
                  "unknown statement " + quoted(statement.words[0]) + suggestion(statement.words[0], words),
                  listing(words));
}

/// "rounds" and "round" mean the same.
std::string settled(const std::string& word) {
  return word == "round" ? "rounds" : word;
}

/// The keyword and value pairs that follow the target.
std::map<std::string, std::string> read_clauses(const Statement& statement, const Form& form,
                                                std::size_t first) {
  std::map<std::string, std::string> clauses;
  const std::vector<std::string> known = {"round", "rounds", "for", "by", "with"};
  for (std::size_t i = first; i < statement.words.size(); i += 2) {
    const std::string& word = statement.words[i];
    const std::string key = settled(word);
    const auto refuse = [&](const std::string& what) { throw UserError(statement.where, what, form.text); };
    if (std::find(known.begin(), known.end(), word) == known.end()) {
      refuse("unknown word " + quoted(word) + suggestion(word, known));
    }
    const bool taken = key == "rounds" || key == form.time || (key == "with" && form.link);
    if (!taken) refuse(form.word + " takes no " + quoted(word));
    if (clauses.count(key) != 0) refuse(quoted(word) + " given twice");
    if (i + 1 == statement.words.size()) refuse(quoted(word) + " without a value");
    clauses[key] = statement.words[i + 1];
  }
  return clauses;
}

}  // namespace

std::string failure_word(FailureKind kind) {
  for (const Form& form : kForms) {
    if (form.kind == kind) return form.word;
  }
  throw Failure("failure script: an unknown kind of failure");
}

FailureScriptReader::FailureScriptReader(const Topology& topology) : topology_(topology) {
  for (const auto& node : topology.nodes()) node_names_.push_back(node.name);
  for (int link = 0; link < static_cast<int>(topology.hyperconnections().size()); ++link) {
    if (!is_local(topology, link)) carrying_.push_back(link_name(topology, link));
  }
}

int FailureScriptReader::find_node(const Statement& statement, const std::string& name) const {
  const std::string allowed = "nodes: " + listing(node_names_);
  const auto found = std::find(node_names_.begin(), node_names_.end(), name);
  if (found != node_names_.end()) return static_cast<int>(found - node_names_.begin());
  for (const auto& source : topology_.sources()) {
    if (source.name == name) throw UserError(statement.where, quoted(name) + " is a source", allowed);
  }
  for (const auto& stage : topology_.stages()) {
    if (stage.name != name) continue;
    const std::string& host = node_names_[static_cast<std::size_t>(stage.node)];
    throw UserError(statement.where, quoted(name) + " is a stage of node " + quoted(host), allowed);
  }
  throw UserError(statement.where, "no node " + quoted(name) + suggestion(name, node_names_), allowed);
}

int FailureScriptReader::find_link(const Statement& statement, const std::string& from,
                                   const std::string& to) const {
  const std::string name = from + "->" + to;
  const std::string allowed =
      carrying_.empty() ? "this topology has no link between two nodes" : "links: " + listing(carrying_);
  for (int link = 0; link < static_cast<int>(topology_.hyperconnections().size()); ++link) {
    if (link_name(topology_, link) != name) continue;
    if (!is_local(topology_, link)) return link;
    const std::string why = sending_node(topology_, link) < 0 ? " leaves a source" : " stays on one node";
    throw UserError(statement.where, "link " + quoted(name) + why + " and carries no message", allowed);
  }
  throw UserError(statement.where, "no link " + quoted(name) + suggestion(name, carrying_), allowed);
}

FailureEvent FailureScriptReader::read(const Statement& statement) const {
  const Form& form = form_of(statement);
  const auto refuse = [&](const std::string& what) { throw UserError(statement.where, what, form.text); };
  const auto& words = statement.words;
  const bool arrow = words.size() > 2 && words[2] == "->";
  if (words.size() < 2 || words[1] == "->" || (arrow && words.size() < 4)) {
    refuse("malformed " + form.word + " statement");
  }
  if (arrow != form.link)
    refuse(form.word + (form.link ? " takes a link FROM->TO" : " takes a node, no link"));
  FailureEvent event;
  event.kind = form.kind;
  (form.link ? event.link : event.node) =
      form.link ? find_link(statement, words[1], words[3]) : find_node(statement, words[1]);
  auto clauses = read_clauses(statement, form, form.link ? 4 : 2);
  if (clauses.count("rounds") == 0) refuse(form.word + " without " + (form.one_round ? "round" : "rounds"));
  if (!form.time.empty() && clauses.count(form.time) == 0) refuse(form.word + " without " + form.time);
  if (form.one_round) {
    event.first_round = event.last_round = read_round(clauses["rounds"], statement.where);
  } else {
    const RoundRange range = read_rounds(clauses["rounds"], statement.where);
    event.first_round = range.first;
    event.last_round = range.last;
  }
  if (!form.time.empty()) event.length_us = read_length_us(clauses[form.time], statement.where);
  if (clauses.count("with") != 0) event.probability = read_probability(clauses["with"], statement.where);
  return event;
}

}  // namespace deepfog
