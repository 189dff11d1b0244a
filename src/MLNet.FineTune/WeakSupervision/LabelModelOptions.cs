using MLNet.FineTune.Runtime;
using MLNet.FineTune.WeakSupervision;

namespace MLNet.FineTune;

/// <summary>Options of the estimator that makes labels of the votes of labelling functions.</summary>
public sealed class LabelModelOptions
{
    /// <summary>The column of votes: a vector of numbers, one for each function; a class from zero, or −1 (or NaN) where the function abstains. Slot names name the functions.</summary>
    /// <value>Default <c>Votes</c>.</value>
    public string VotesColumnName { get; set; } = "Votes";

    /// <summary>The output column of the labels: a key of the classes, missing where all functions abstain.</summary>
    /// <value>Default <c>WeakLabel</c>.</value>
    public string WeakLabelColumnName { get; set; } = "WeakLabel";

    /// <summary>The output column of the probabilities of the classes.</summary>
    /// <value>Default <c>WeakProbabilities</c>.</value>
    public string WeakProbabilitiesColumnName { get; set; } = "WeakProbabilities";

    /// <summary>The names of the classes, in the order of the votes' numbers.</summary>
    /// <value>Default <see langword="null"/>: those that <c>ApplyLabelingFunctions</c> left with the votes, else numbers up to <see cref="ClassCount"/>.</value>
    public string[]? ClassNames { get; set; }

    /// <summary>How many classes there are, where they have no names.</summary>
    /// <value>Default <see langword="null"/>: as many as there are names.</value>
    public int? ClassCount { get; set; }

    /// <summary>The share of each class among all examples, where it is known; each above 0, together 1.</summary>
    /// <value>Default <see langword="null"/>: learnt by <see cref="DawidSkene"/>, and by <see cref="DataProgramming"/> on request, else equal.</value>
    public double[]? ClassBalance { get; set; }

    /// <summary>How votes become labels.</summary>
    /// <value>Default <see cref="DawidSkene"/>.</value>
    public LabelModel Method { get; set; } = new DawidSkene();

    internal LabelModelColumns Columns => new(VotesColumnName, WeakLabelColumnName, WeakProbabilitiesColumnName);

    /// <exception cref="ArgumentException">An option is missing or out of range; names it, what was found and what is expected.</exception>
    internal void Validate()
    {
        Columns.Check();
        Require(Method is not null, nameof(Method), null, $"a label model, such as new {nameof(DawidSkene)}()");
        if (ClassNames is not null)
            VoteClasses.Check(ClassNames, nameof(ClassNames));
        Require(ClassCount is null or (>= 2 and <= VoteClasses.MaximumCount), nameof(ClassCount), ClassCount, $"2 to {VoteClasses.MaximumCount}");
        Require(ClassCount is null || ClassNames is null || ClassCount == ClassNames.Length, nameof(ClassCount), ClassCount, $"null or {ClassNames?.Length}, as many as {nameof(ClassNames)}");
        Require(ClassBalance is null || (ClassBalance.All(share => share > 0) && Math.Abs(ClassBalance.Sum() - 1) < 1e-6), nameof(ClassBalance),
            $"[{string.Join(", ", ClassBalance?.Select(share => FormattableString.Invariant($"{share}")) ?? [])}]", "shares above 0 whose sum is 1");
        Method!.Validate();
    }

    /// <summary>The names of the classes, for votes that may bring their own.</summary>
    /// <exception cref="ArgumentException">Nothing says how many classes there are, or the options say different numbers.</exception>
    internal string[] ResolveClassNames(VoteColumn votes)
    {
        string[] names = ClassNames ?? (votes.ClassNames is { } own && (ClassCount ?? own.Length) == own.Length ? own : null)
            ?? (ClassCount is { } count ? VoteClasses.Numbered(count) : null)
            ?? throw new ArgumentException($"{nameof(LabelModelOptions)}.{nameof(ClassNames)} is null and the votes bring no names; expected {nameof(ClassNames)} or {nameof(ClassCount)}.");
        Require(ClassBalance is null || ClassBalance.Length == names.Length, nameof(ClassBalance), $"of {ClassBalance?.Length} classes", $"a share for each of the {names.Length} classes");
        return names;
    }

    private static void Require(bool valid, string option, object? found, string expected) => OptionRange.Require(valid, nameof(LabelModelOptions), option, found, expected, option);
}
