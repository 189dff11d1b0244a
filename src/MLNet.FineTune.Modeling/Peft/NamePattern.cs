using System.Text.RegularExpressions;

namespace MLNet.FineTune.Peft;

/// <summary>Regular expressions for the paths that modules have in the checkpoint, as Python's peft compares them.</summary>
internal static class NamePattern
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <param name="option">The option that holds the expression, for messages.</param>
    /// <param name="pattern">The expression.</param>
    /// <exception cref="ArgumentException">It is no regular expression.</exception>
    public static void Check(string option, string pattern) => _ = Compile(option, pattern, whole: true);

    /// <summary>Whether the whole path matches.</summary>
    public static bool IsWhole(string option, string pattern, string module) => Matches(option, pattern, module, whole: true);

    /// <summary>Whether the end of the path, in whole segments, matches.</summary>
    public static bool IsEnd(string option, string pattern, string module) => Matches(option, pattern, module, whole: false);

    private static bool Matches(string option, string pattern, string module, bool whole)
    {
        try
        {
            return Compile(option, pattern, whole).IsMatch(module);
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new ArgumentException($"{option} is '{pattern}', which takes more than {e.MatchTimeout.TotalSeconds} s to match '{module}'; simplify it.", e);
        }
    }

    private static Regex Compile(string option, string pattern, bool whole)
    {
        try
        {
            return new Regex($"^{(whole ? "" : @"(?:.*\.)?")}(?:{pattern})$", RegexOptions.CultureInvariant, Limit);
        }
        catch (RegexParseException e)
        {
            throw new ArgumentException($"{option} is '{pattern}', which is no regular expression: {e.Message}", e);
        }
    }
}
