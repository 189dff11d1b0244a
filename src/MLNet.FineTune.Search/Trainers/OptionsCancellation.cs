using System.Collections;
using System.Reflection;

namespace MLNet.FineTune.Search;

/// <summary>Options whose cancellation tokens, their own and those of options within them, are cancelled with a fit, besides whatever cancels them already.</summary>
/// <typeparam name="TOptions">The options.</typeparam>
internal sealed class OptionsCancellation<TOptions> : IDisposable where TOptions : class
{
    private readonly OptionsTokens _tokens;

    /// <param name="options">The options. What holds a token is copied; the rest is shared with the copy.</param>
    /// <param name="fit">Ends the fit.</param>
    public OptionsCancellation(TOptions options, CancellationToken fit)
    {
        _tokens = new OptionsTokens(fit);
        Options = (TOptions?)_tokens.Link(options) ?? options;
    }

    /// <summary>The options to fit with.</summary>
    public TOptions Options { get; }

    public void Dispose() => _tokens.Dispose();
}

/// <summary>Finds cancellation tokens in options.</summary>
/// <param name="fit">What tokens are linked to.</param>
internal sealed class OptionsTokens(CancellationToken fit) : IDisposable
{
    // Deep enough for options in options, and an end where they refer to each other.
    private const int MaxDepth = 4;

    private static readonly MethodInfo Clone = typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!;

    private readonly List<CancellationTokenSource> _sources = [];

    /// <summary>The tokens in some options that something may cancel.</summary>
    public static IReadOnlyList<CancellationToken> Of(object options) => [.. Of(options, MaxDepth).Where(token => token.CanBeCanceled)];

    /// <summary>A copy whose tokens are linked; null where there are none.</summary>
    public object? Link(object options) => Link(options, MaxDepth);

    public void Dispose() => _sources.ForEach(source => source.Dispose());

    private static IEnumerable<CancellationToken> Of(object options, int depth) => Members(options.GetType()).SelectMany(member => member.Get(options) switch
    {
        CancellationToken token => [token],
        { } nested when depth > 1 && MayHold(nested) => Of(nested, depth - 1),
        _ => (IEnumerable<CancellationToken>)[],
    });

    private object? Link(object options, int depth)
    {
        object? copy = null;
        foreach (OptionsMember member in Members(options.GetType()))
        {
            object? value = member.Get(options);
            object? linked = value is CancellationToken token ? Linked(token) : value is not null && depth > 1 && MayHold(value) ? Link(value, depth - 1) : null;
            if (linked is not null)
                member.Set(copy ??= Clone.Invoke(options, null)!, linked);
        }
        return copy;
    }

    private CancellationToken Linked(CancellationToken token)
    {
        if (!token.CanBeCanceled)
            return fit;
        _sources.Add(CancellationTokenSource.CreateLinkedTokenSource(token, fit));
        return _sources[^1].Token;
    }

    private static IEnumerable<OptionsMember> Members(Type type) => OptionsMember.All(type).Where(member => member.Type == typeof(CancellationToken) || member.Type is { IsClass: true } nested && nested != typeof(string));

    private static bool MayHold(object value) =>
        value is not (Delegate or MemberInfo or IEnumerable) && value.GetType() is { IsValueType: false } type && type.Namespace?.StartsWith("System", StringComparison.Ordinal) != true;
}
