using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using MLNet.FineTune.WeakSupervision;

namespace MLNet.FineTune;

/// <summary>Labelling functions: rules of thumb, each of which votes for a class or abstains, by which examples are labelled without a person looking at each (Ratner et al. 2016, "Data Programming", arXiv 1605.07723).</summary>
/// <remarks>
/// <c>mlContext.FineTuning().ApplyLabelingFunctions</c> lets them vote on data, and <c>FitLabelModel</c> makes labels of the votes.
/// Functions are called from several threads where ML.NET reads data in parallel: they should not change anything.
/// </remarks>
/// <typeparam name="T">The example, a class with properties named as columns of the data.</typeparam>
public sealed class LabelingFunctions<T>
{
    /// <summary>What an abstaining function votes.</summary>
    public const int Abstain = VoteMatrix.Abstain;

    private readonly List<(string Name, Func<T, int> Vote)> _functions = [];
    private readonly string[] _classNames;

    /// <summary>Begins with no function.</summary>
    /// <param name="classNames">The names of the classes, at least two; a vote is the place of one.</param>
    /// <exception cref="ArgumentException">There are fewer than two names, or one is empty or occurs twice.</exception>
    public LabelingFunctions(IEnumerable<string> classNames)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        _classNames = VoteClasses.Check([.. classNames], nameof(classNames));
    }

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> ClassNames => _classNames;

    /// <summary>The names of the functions, in the order of the votes.</summary>
    public IReadOnlyList<string> Names => [.. _functions.Select(function => function.Name)];

    /// <summary>How many functions there are.</summary>
    public int Count => _functions.Count;

    /// <summary>Adds a function that names a class.</summary>
    /// <param name="name">What reports call it.</param>
    /// <param name="vote">Gives the name of a class, or null to abstain.</param>
    /// <returns>This object, to add the next one.</returns>
    /// <exception cref="ArgumentException">The name is empty or was used before.</exception>
    public LabelingFunctions<T> Add(string name, Func<T, string?> vote)
    {
        ArgumentNullException.ThrowIfNull(vote);
        return AddChecked(name, example => Call(name, vote, example) is { } found ? IndexOf(found, name) : Abstain);
    }

    /// <summary>Adds a function that numbers a class.</summary>
    /// <param name="name">What reports call it.</param>
    /// <param name="vote">Gives the place of a class in <see cref="ClassNames"/>, from zero, or −1 to abstain.</param>
    /// <returns>This object, to add the next one.</returns>
    /// <exception cref="ArgumentException">The name is empty or was used before.</exception>
    public LabelingFunctions<T> Add(string name, Func<T, int> vote)
    {
        ArgumentNullException.ThrowIfNull(vote);
        return AddChecked(name, example =>
        {
            int found = Call(name, vote, example);
            return found >= Abstain && found < _classNames.Length ? found
                : throw new InvalidOperationException($"The labelling function '{name}' gave {found}; expected −1 (abstains) to {_classNames.Length - 1}.");
        });
    }

    /// <summary>Adds a function that votes for a class where the text has one of some words or phrases, whole and in any case.</summary>
    /// <param name="name">What reports call it.</param>
    /// <param name="className">The class it votes for.</param>
    /// <param name="text">The text of an example; where it is null the function abstains.</param>
    /// <param name="keywords">The words or phrases, at least one.</param>
    /// <returns>This object, to add the next one.</returns>
    /// <exception cref="ArgumentException">A name is empty, not known or was used before, or a keyword is empty.</exception>
    public LabelingFunctions<T> AddKeyword(string name, string className, Func<T, string?> text, params string[] keywords)
    {
        ArgumentNullException.ThrowIfNull(keywords);
        if (keywords.Length == 0 || keywords.Any(string.IsNullOrWhiteSpace))
            throw new ArgumentException($"The labelling function '{name}' has {(keywords.Length == 0 ? "no keyword" : "an empty keyword")}; expected one word or phrase at least.", nameof(keywords));
        return AddRegex(name, className, text, $@"(?<!\w)(?:{string.Join('|', keywords.Select(keyword => Regex.Escape(keyword.Trim())))})(?!\w)");
    }

    /// <summary>Adds a function that votes for a class where the text matches a regular expression.</summary>
    /// <param name="name">What reports call it.</param>
    /// <param name="className">The class it votes for.</param>
    /// <param name="text">The text of an example; where it is null the function abstains.</param>
    /// <param name="pattern">The regular expression; it may match anywhere in the text.</param>
    /// <param name="options">How it is matched.</param>
    /// <returns>This object, to add the next one.</returns>
    /// <exception cref="ArgumentException">A name is empty, not known or was used before, or the pattern is no regular expression.</exception>
    public LabelingFunctions<T> AddRegex(
        string name, string className, Func<T, string?> text, [StringSyntax(StringSyntaxAttribute.Regex, nameof(options))] string pattern, RegexOptions options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)
    {
        var regex = new Regex(pattern, options);
        return AddWhere(name, className, text, regex.IsMatch);
    }

    /// <summary>Adds a function that votes for a class where the text has a certain number of words.</summary>
    /// <param name="name">What reports call it.</param>
    /// <param name="className">The class it votes for.</param>
    /// <param name="text">The text of an example; where it is null the function abstains.</param>
    /// <param name="minimum">Fewest words, separated by white space.</param>
    /// <param name="maximum">Most words.</param>
    /// <returns>This object, to add the next one.</returns>
    /// <exception cref="ArgumentException">A name is empty, not known or was used before.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The minimum is negative or above the maximum.</exception>
    public LabelingFunctions<T> AddLength(string name, string className, Func<T, string?> text, int minimum = 0, int maximum = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minimum);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minimum, maximum);
        return AddWhere(name, className, text, value =>
        {
            int words = value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
            return words >= minimum && words <= maximum;
        });
    }

    /// <summary>The votes on one example, in the order of <see cref="Names"/>: places of classes, −1 where a function abstains.</summary>
    /// <param name="example">The example.</param>
    /// <exception cref="InvalidOperationException">A function failed, or voted for a class that there is not; the message names it.</exception>
    public int[] Apply(T example)
    {
        var votes = new int[_functions.Count];
        for (int i = 0; i < votes.Length; i++)
            votes[i] = _functions[i].Vote(example);
        return votes;
    }

    /// <summary>The functions there are now; what is added later does not change it.</summary>
    internal LabelingFunctions<T> Copy()
    {
        var copy = new LabelingFunctions<T>(_classNames);
        copy._functions.AddRange(_functions);
        return copy;
    }

    /// <summary>Calls what the user gave; whatever it throws names the function.</summary>
    private static TResult Call<TResult>(string name, Func<T, TResult> function, T example)
    {
        try
        {
            return function(example);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"The labelling function '{name}' failed: {e.Message}", e);
        }
    }

    private LabelingFunctions<T> AddWhere(string name, string className, Func<T, string?> text, Predicate<string> matches)
    {
        ArgumentNullException.ThrowIfNull(text);
        int vote = Array.IndexOf(_classNames, className);
        if (vote < 0)
            throw new ArgumentException($"The labelling function '{name}' is to vote for '{className}'; expected one of the classes {VoteClasses.List(_classNames)}.", nameof(className));
        return AddChecked(name, example => Call(name, seen => text(seen) is { } value && matches(value), example) ? vote : Abstain);
    }

    private LabelingFunctions<T> AddChecked(string name, Func<T, int> vote)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (_functions.Any(function => function.Name == name))
            throw new ArgumentException($"There are two labelling functions of the name '{name}'; give each its own.", nameof(name));
        _functions.Add((name, vote));
        return this;
    }

    private int IndexOf(string className, string function) => Array.IndexOf(_classNames, className) is var index and >= 0 ? index
        : throw new InvalidOperationException($"The labelling function '{function}' gave '{className}'; expected null (abstains) or one of the classes {VoteClasses.List(_classNames)}.");
}
