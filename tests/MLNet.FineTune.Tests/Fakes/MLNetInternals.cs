using System.Reflection;
using Microsoft.ML;

namespace MLNet.FineTune.Tests.Fakes;

/// <summary>Members of ML.NET that hosts such as AutoML use and that are not public.</summary>
internal static class MLNetInternals
{
    /// <summary>Asks everything that runs on the context to stop.</summary>
    public static void Cancel(this MLContext context) =>
        typeof(MLContext).GetMethod("CancelExecution", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(context, null);

    /// <summary>The shape that a chain hands to its first estimator.</summary>
    public static SchemaShape Shape(this DataViewSchema schema) =>
        (SchemaShape)typeof(SchemaShape).GetMethod("Create", BindingFlags.Static | BindingFlags.NonPublic)!.Invoke(null, [schema])!;
}
