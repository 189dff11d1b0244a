using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune;
using MLNet.FineTune.Transformers;

// By these ML.NET finds, from the names in a zip, the methods that load our transformers.
[assembly: LoadableClass(typeof(MulticlassTextClassificationTransformer), null, typeof(SignatureLoadModel), "Fine-tuned multiclass text classifier", MulticlassTextClassificationTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(ScoringRowMapper), typeof(MulticlassTextClassificationTransformer), null, typeof(SignatureLoadRowMapper), "Fine-tuned multiclass text classifier", MulticlassTextClassificationTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(BinaryTextClassificationTransformer), null, typeof(SignatureLoadModel), "Fine-tuned binary text classifier", BinaryTextClassificationTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(ScoringRowMapper), typeof(BinaryTextClassificationTransformer), null, typeof(SignatureLoadRowMapper), "Fine-tuned binary text classifier", BinaryTextClassificationTransformer.LoaderSignature)]
