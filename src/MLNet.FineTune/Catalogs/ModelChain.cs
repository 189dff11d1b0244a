using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Catalogs;

/// <summary>Finds the classifier in a model.</summary>
internal static class ModelChain
{
    /// <summary>The last text classifier of a model, and what comes before it.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static (T Classifier, ITransformer[] Before) Find<T>(ITransformer model) where T : TextClassificationTransformer
    {
        ITransformer[] chain = [.. TransformerChains.Flatten(model)];
        int index = Array.FindLastIndex(chain, part => part is T);
        return index >= 0 ? ((T)chain[index], chain[..index])
            : throw new ArgumentException($"The model contains no {typeof(T).Name}; it consists of {string.Join(", ", chain.Select(part => part.GetType().Name))}.", nameof(model));
    }

    /// <summary>Applies what comes before a classifier, but for parts whose columns the data does not have, such as the mapping of labels.</summary>
    public static IDataView Apply(IEnumerable<ITransformer> parts, IDataView data)
    {
        foreach (ITransformer part in parts)
            try
            {
                data = part.Transform(data);
            }
            catch (ArgumentOutOfRangeException)
            {
                continue;
            }
        return data;
    }
}
