using System.Collections.Concurrent;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.QuestionAnswering;

/// <summary>Turns questions with contexts into what an encoder reads.</summary>
internal static class ContextWindows
{
    /// <summary>Tokenises questions and contexts in parallel, each context that several questions share once; the result is the same for any number of threads.</summary>
    /// <param name="inputs">Questions, each paired with its context.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="lowerCase">Whether texts are lower-cased first.</param>
    /// <param name="maxLength">Most tokens of a window.</param>
    /// <param name="rules">How contexts are parted.</param>
    /// <param name="cancellationToken">Stops between questions.</param>
    /// <returns>The windows of each question, one at least.</returns>
    public static IReadOnlyList<ContextWindow>[] Encode(
        IReadOnlyList<TextInput> inputs, TextTokenizer tokenizer, bool lowerCase, int maxLength, AnswerRules rules, CancellationToken cancellationToken = default)
    {
        var contexts = new ConcurrentDictionary<string, Lazy<ContextTokens>>(StringComparer.Ordinal);
        var windows = new IReadOnlyList<ContextWindow>[inputs.Count];
        Parallel.For(0, inputs.Count, new ParallelOptions { CancellationToken = cancellationToken }, row =>
        {
            string context = inputs[row].Pair ?? throw new ArgumentException($"Question {row} has no context.", nameof(inputs));
            ContextTokens tokens = contexts.GetOrAdd(context, text => new(() => new ContextTokens(tokenizer, lowerCase, text))).Value;
            windows[row] = tokens.Windows(tokenizer, tokenizer.Tokenize(lowerCase ? TextInputs.Lower(inputs[row].Text) : inputs[row].Text), maxLength, rules);
        });
        return windows;
    }
}
