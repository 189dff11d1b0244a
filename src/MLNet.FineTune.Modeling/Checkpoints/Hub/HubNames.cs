using System.Text.RegularExpressions;

namespace MLNet.FineTune.Checkpoints.Hub;

/// <summary>The hub's rules for names; both become parts of paths and addresses.</summary>
internal static partial class HubNames
{
    /// <exception cref="ArgumentException">It is not <c>name</c> or <c>owner/name</c>.</exception>
    public static void CheckId(string id)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        if (!IdPattern.IsMatch(id) || id.Contains("--", StringComparison.Ordinal) || id.Contains("..", StringComparison.Ordinal))
            throw new ArgumentException($"'{id}' is not a model id; expected 'owner/name' or 'name' of letters, digits, '.', '_' and '-', for instance 'sentence-transformers/all-MiniLM-L6-v2'. For a local directory use EncoderSource.FromDirectory.", nameof(id));
    }

    /// <exception cref="ArgumentException">It cannot be a branch, tag or commit.</exception>
    public static void CheckRevision(string revision)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(revision);
        if (!RevisionPattern.IsMatch(revision) || revision.Split('/').Any(part => part is "" or "." or ".."))
            throw new ArgumentException($"'{revision}' is not a revision; expected a branch, tag or commit, for instance 'main'.", nameof(revision));
    }

    /// <summary>Whether this is a whole commit hash, which never changes its meaning.</summary>
    public static bool IsCommit(string text) => text.Length == 40 && text.All(char.IsAsciiHexDigitLower);

    [GeneratedRegex(@"^[A-Za-z0-9_]([\w.\-]{0,94}[A-Za-z0-9_])?(/[A-Za-z0-9_]([\w.\-]{0,94}[A-Za-z0-9_])?)?\z", RegexOptions.ECMAScript)]
    private static partial Regex IdPattern { get; }

    [GeneratedRegex(@"^[\w.\-+/]{1,200}\z", RegexOptions.ECMAScript)]
    private static partial Regex RevisionPattern { get; }
}
