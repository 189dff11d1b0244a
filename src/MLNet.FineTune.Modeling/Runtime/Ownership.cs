namespace MLNet.FineTune.Runtime;

/// <summary>Hands resources over.</summary>
internal static class Ownership
{
    /// <summary>Makes what owns a resource from then on; frees the resource when that fails.</summary>
    public static T HandTo<T>(this IDisposable resource, Func<T> make)
    {
        try
        {
            return make();
        }
        catch
        {
            resource.Dispose();
            throw;
        }
    }
}
