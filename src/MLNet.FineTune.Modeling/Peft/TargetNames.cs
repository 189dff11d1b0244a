using MLNet.FineTune.Models;

namespace MLNet.FineTune.Peft;

/// <summary>Writes a set of projections the way peft's <c>target_modules</c> selects them: by the ends of module paths.</summary>
internal static class TargetNames
{
    /// <summary>The shortest ends, in whole segments, that select exactly these projections of the model.</summary>
    public static IReadOnlyList<string> Of(TaskModel model, IEnumerable<string> paths)
    {
        var targets = paths.Select(model.Names.Module).ToHashSet(StringComparer.Ordinal);
        string[] others = [.. model.Linears().Select(linear => model.Names.Module(linear.Path)).Where(path => !targets.Contains(path))];
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string target in targets)
            names.Add(Ends(target).First(end => !others.Any(other => Selects(end, other))));
        return [.. names];
    }

    private static IEnumerable<string> Ends(string path)
    {
        string[] segments = path.Split('.');
        for (int count = 1; count <= segments.Length; count++)
            yield return string.Join('.', segments[^count..]);
    }

    /// <summary>Older versions of peft compare the end without its dot; an end that is safe for them is safe for all.</summary>
    private static bool Selects(string end, string path) => path.EndsWith(end, StringComparison.Ordinal);
}
